"""What services have in common: the context, errors, validation, the audit log."""
