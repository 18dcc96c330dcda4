"""What allocation can be asked: SQL in, plain values out. Nothing here writes."""
