"""What pages, reports and proofs read, one file per reader."""
