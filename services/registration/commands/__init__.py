"""Writes of registration: one function for each thing that people or other services do."""
