"""What cpd reads."""
