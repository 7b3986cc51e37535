"""A deterministic simulator of many gateways, a ledger, its store, and what goes wrong.

Time, chance, disk and network are simulated; the ledger is the product's own: `SqliteLedger`
over a simulated SQLite writer, `PostgresLedger` (with its batches, keeper and fence) over
a simulated PostgreSQL, the core and the recovery in both. `python -m tests.simulation
SEED` replays one run exactly and prints what happened in it.

| module | |
|---|---|
| `world` | virtual time, one event loop for each process, kills and pauses |
| `rows` | what is durable, with the schema's own refusals |
| `checks` | V1 to V9, after every batch for what it touched, and in full |
| `oracle` | what clients and the operator have seen: V10, and nothing acknowledged is lost |
| `disk` | the SQLite writer, with its faults |
| `server`, `session` | PostgreSQL: locks, transactions, lost connections |
| `gateway`, `operator` | how the ledger is used |
| `run` | one seed |
"""
