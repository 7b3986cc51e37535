"""Read-only doors into the databases of other gateways."""
