"""The rules of a safe workplace, as the standard states them (clauses 4.1 to 4.9)."""
