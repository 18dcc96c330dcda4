"""The doors of allocation: each request becomes one command or one query."""
