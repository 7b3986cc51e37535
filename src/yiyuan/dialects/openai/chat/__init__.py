"""OpenAI's Chat Completions, both directions."""
