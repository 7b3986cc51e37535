"""Accounts: their money, usage and limits."""
