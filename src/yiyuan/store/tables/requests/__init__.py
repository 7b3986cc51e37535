"""What is kept of requests beside the ledger."""
