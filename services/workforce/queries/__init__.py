"""Reads of workforce: SQL in, plain rows out."""
