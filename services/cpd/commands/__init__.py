"""What cpd writes: one function for each thing that people do."""
