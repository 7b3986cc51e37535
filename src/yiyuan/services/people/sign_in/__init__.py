"""How people come in: a proof, a second factor, a session, and who calls by it."""
