"""What can be done in allocation: load and lock, apply a rule, write, publish."""
