"""The reads of accountability: SQL in, plain rows out."""
