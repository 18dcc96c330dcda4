"""Accountability (Standard 1): alerts and their escalation, measures and roll-ups, the log of every event, and the stream."""
