"""The rules of money: pure functions over a state in memory."""
