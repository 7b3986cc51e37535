"""Moving in from LiteLLM."""
