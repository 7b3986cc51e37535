"""Customers of the other shop: people, their money, keys, codes and ways to sign in."""
