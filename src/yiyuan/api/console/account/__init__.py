"""`/api/me`, `/api/session`, `/api/accounts/…`: one file per noun."""
