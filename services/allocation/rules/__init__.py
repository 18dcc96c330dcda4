"""The rules of workload and allocation (clauses 3.1 to 3.3): pure functions over plain values, exact fractions."""
