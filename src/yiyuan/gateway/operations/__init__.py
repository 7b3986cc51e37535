"""One file for each kind of endpoint: how it is bounded, sent, read, delivered and priced."""
