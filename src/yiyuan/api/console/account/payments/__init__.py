"""Routes of a customer's orders."""
