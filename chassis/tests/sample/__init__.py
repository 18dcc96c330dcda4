"""A service small enough to read at a glance, for the chassis's own tests: it counts the org units it is told of."""
