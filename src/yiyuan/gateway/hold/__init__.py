"""What a request may cost at most, what is held for it, and what it cost."""
