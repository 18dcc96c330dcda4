"""Journeys through the real thing: a deployment of its own, reached only through its gateway."""
