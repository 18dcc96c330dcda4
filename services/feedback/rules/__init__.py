"""The rules of feedback: pure functions over plain values."""
