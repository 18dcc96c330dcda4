"""Signing in with an identity provider: a real Keycloak where one is asked for, and a small one of our own otherwise."""
