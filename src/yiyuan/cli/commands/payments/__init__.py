"""Commands about money that comes in."""
