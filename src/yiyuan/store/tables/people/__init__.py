"""People's rows: who they are, how they prove it, what lets them in, and what moves them in."""
