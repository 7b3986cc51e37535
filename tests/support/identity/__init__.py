"""Sign-in services as scripted servers on loopback: honest, strict, and hostile on demand."""
