"""What strangers call: payment providers, and sign-in services on their way back."""
