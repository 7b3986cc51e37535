"""What answers at which address: no SQL, no rules."""
