"""The reads of feedback."""
