"""What is added to a copy of the product is there, though no list names it."""
