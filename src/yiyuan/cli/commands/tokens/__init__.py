"""Commands about API tokens."""
