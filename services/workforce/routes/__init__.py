"""The doors of workforce: requests become commands and queries, rows become answers."""
