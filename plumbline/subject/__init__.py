"""Answering a person's access request and erasure across all services."""
