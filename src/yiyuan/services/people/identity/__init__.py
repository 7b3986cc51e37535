"""Signing in by another service: which there are, the way there and back, who that is here."""
