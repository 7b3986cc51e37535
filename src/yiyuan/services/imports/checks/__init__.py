"""Asking the other shop: its running gateway, its channels, and whether all is equal here."""
