"""Commands about accounts and their money."""
