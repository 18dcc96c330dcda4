"""Facts that safety publishes about concerns, incidents, visits and provision (Standard 4)."""
