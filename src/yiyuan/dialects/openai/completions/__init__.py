"""OpenAI's legacy Completions, both directions."""
