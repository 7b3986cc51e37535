"""Orders: made, asked about, credited by hand."""
