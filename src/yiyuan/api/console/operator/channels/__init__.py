"""Channels, their keys, and what is asked of the upstreams behind them."""
