"""The nine services; each owns one part of the standards and none imports another."""
