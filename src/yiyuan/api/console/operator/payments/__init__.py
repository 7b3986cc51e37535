"""Routes of payments for operators."""
