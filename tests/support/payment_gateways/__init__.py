"""Scripted payment providers: child processes with real sockets, keys and notifies."""
