"""Backups: every table as rows that either engine can take back."""
