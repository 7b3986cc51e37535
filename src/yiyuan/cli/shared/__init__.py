"""What the commands have in common: how they are carried out, tables, help."""
