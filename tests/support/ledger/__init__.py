"""Ledgers to test with, and processes that use one."""
