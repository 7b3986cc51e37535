"""The running product, from outside."""
