"""Which channel answers, and what it answered."""
