"""The rules of accountability: what is counted, what must be answered for, and by whom."""
