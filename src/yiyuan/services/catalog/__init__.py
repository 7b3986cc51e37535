"""The catalog: channels, models, prices and tiers, as a file and as changes."""
