"""What the standards ask of supervision (clauses 5.3 to 5.9), as plain functions over plain values."""
