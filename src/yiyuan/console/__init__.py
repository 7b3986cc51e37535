"""Use-cases: what an operator does, one file per noun, the same for every surface.

`command.py` lists them by name; each takes the desk (the open home), checked
arguments and a progress callback, and answers with a JSON document or refuses
with a CommandError. The command line, the control socket and later the web
console call the same functions.

May import: upstream, access, limits, ledger, pricing, providers, store, observe,
kernel. Never the gateway, HTTP or the terminal.
"""
