"""Other gateways that a shop can move here from: rows in, neutral records out."""
