"""Reads of registration: rows as they are stored, nothing written."""
