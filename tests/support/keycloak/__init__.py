"""A real Keycloak server for tests of signing in."""
