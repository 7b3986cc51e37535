"""What the families of formats have in common."""
