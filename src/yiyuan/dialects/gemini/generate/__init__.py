"""`models/{model}:generateContent` and `:streamGenerateContent`, both directions."""
