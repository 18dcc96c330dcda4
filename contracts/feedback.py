"""Facts that feedback publishes about asking, answering and acting (Standard 1)."""
