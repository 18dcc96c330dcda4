"""What every service stands on, and no word of social work."""
