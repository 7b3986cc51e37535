"""The public API described: OpenAPI, operation by operation."""
