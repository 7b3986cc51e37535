"""Moving in from one-hub."""
