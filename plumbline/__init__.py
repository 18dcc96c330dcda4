"""The command line, the all-in-one runner and the demonstration authority: the only code that knows all services."""
