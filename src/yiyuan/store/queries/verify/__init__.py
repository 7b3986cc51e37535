"""What the ledger's verification reads."""
