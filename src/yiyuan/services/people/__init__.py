"""People: who they are, how they sign in, and their one-time links."""
