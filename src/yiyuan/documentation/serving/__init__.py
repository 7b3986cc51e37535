"""Files as they are sent: compressed, with their validators."""
