"""What an employer is asked to do for supervision, and whether it happens (Standard 5)."""
