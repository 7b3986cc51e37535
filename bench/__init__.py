"""The benchmark: what one request costs here, beside nginx and two other gateways.

`make bench` runs it; `bench/README.md` says what is measured and how to read it.
Linux only: it pins processes to cores and reads their cost from /proc.
"""
