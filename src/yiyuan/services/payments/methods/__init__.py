"""Instances of payment methods: set up by operators, opened for use."""
