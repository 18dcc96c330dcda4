"""Proof by breaking: every service as a real process on a real Kafka and PostgreSQL, killed, and the invariants checked."""
