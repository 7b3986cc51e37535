"""Commands about channels, which lead to upstreams."""
