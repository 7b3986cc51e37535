"""Ways in that are no password: other services, passkeys."""
