"""Standard 4: a safe place to work, and a safe way to say when it is not."""
