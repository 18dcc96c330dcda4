"""Writes of workforce: one function for each thing that people do; the caller's transaction commits it."""
