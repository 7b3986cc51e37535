"""Where the money lives: accounts, holds, entries, and the proof that they agree.

A request's money has one life: a *hold* reserves its upper bound, then it is
*settled* for what it cost (one entry, at most the hold) or *voided*; each hold
ends once. `rules/apply.py` decides all of it as a pure function over a state in memory,
and leaves behind rows. `sqlite/ledger.py` is what the rest of the product uses: it asks the
core on the event loop, without waiting, and lets the database's one writer make
the rows durable, everything that came in during the last commit at once.

On an error while writing it is unknown what the disk holds. The book then refuses
everything (`LedgerUnavailable`), the process is expected to exit, and recovery at
the next start (`recovery.py`) makes good from what is on disk.

`verify/verify.py` proves the invariants V1 to V9 from the rows alone, `statement.py` shows
them to people. May import pricing, store and what is below.
"""
