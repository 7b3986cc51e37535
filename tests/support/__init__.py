"""Processes, drivers and scripted servers that tests use; no test in here."""
