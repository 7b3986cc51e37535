"""Moving in from new-api."""
