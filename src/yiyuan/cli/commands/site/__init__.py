"""Commands about what the operator sets."""
