"""The proof that the rows agree with each other."""
