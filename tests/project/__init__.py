"""The tree itself."""
