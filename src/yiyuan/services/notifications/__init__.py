"""Notices: what happened, written down at once and told to whoever wants to know."""
