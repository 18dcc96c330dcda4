"""What safety writes: one function for each command."""
