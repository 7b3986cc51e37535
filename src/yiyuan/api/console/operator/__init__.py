"""`/api/operator/…`: one file per noun."""
