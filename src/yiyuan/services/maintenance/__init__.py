"""Keeping a shop: backup, restore, migration, retention."""
