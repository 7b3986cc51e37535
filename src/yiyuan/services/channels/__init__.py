"""Channels: what an upstream offers, and whether it answers."""
