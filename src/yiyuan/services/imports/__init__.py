"""Moving a shop here from another gateway: look, take, check, open."""
