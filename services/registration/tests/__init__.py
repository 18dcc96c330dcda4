"""Registration is shown to do what Standard 7 asks."""
