"""Other people's software."""
