"""One file per noun: the rows of its tables and the statements that write them."""
