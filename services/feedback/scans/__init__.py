"""What time alone does in feedback."""
