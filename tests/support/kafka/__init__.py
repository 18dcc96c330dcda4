"""A real Apache Kafka broker for tests and for people who try things out."""
