"""The writes of feedback."""
