"""Google's formats: generateContent with its streams, and embeddings."""
