"""What the importers of quota gateways have in common."""
