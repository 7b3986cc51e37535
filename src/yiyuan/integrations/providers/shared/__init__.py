"""What several vendors have in common: headers, addresses, token endpoints."""
