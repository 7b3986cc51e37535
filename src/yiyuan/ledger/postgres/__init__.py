"""The ledger over PostgreSQL: many processes, one truth."""
