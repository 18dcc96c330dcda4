"""Reads: SQL in, plain values of the rules or plain rows out."""
