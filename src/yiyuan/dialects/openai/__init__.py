"""OpenAI's formats, and what they have in common."""
