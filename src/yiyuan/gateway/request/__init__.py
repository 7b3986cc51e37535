"""One request: its body, its context and what was metered of it."""
