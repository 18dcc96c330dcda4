"""Writes: one function per command, in the transaction of its caller."""
