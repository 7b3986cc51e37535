"""Commands about models, prices and the catalog file."""
