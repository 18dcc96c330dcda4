"""The writes of accountability, one function per command."""
