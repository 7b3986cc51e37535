"""The ground floor: money, ids, clocks, errors, settings, texts, usage counts.

Imports the standard library only, and no other room.
"""
