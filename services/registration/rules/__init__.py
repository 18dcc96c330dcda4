"""What Standard 7 asks, as functions over plain values."""
