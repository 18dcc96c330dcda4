"""Standard 6: time for development that is really given, learning that shows it, and the assessed year."""
