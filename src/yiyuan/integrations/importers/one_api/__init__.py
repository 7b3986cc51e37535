"""Moving in from one-api."""
