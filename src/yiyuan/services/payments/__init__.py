"""Money that comes in by codes."""
