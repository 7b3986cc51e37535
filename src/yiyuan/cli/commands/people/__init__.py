"""Commands about persons: operators and members."""
