"""The ledger over SQLite: one process, many requests a commit."""
