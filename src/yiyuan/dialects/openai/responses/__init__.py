"""OpenAI's Responses, both directions, stateless."""
