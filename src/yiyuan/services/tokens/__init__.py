"""API tokens: their keys, budgets and bounds."""
