"""Facts that cpd publishes about entitlement, learning, the assessed year and career (Standard 6)."""
