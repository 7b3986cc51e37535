"""What requests cost: price lists, models and tiers, and the counting of tokens.

Pure: no input or output, no clock. Every amount is whole micros.
"""
