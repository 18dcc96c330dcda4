"""Facts that registration publishes about registration status, renewal and designated posts (Standard 7)."""
