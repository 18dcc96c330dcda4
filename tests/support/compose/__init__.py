"""The composed deployment on a Docker engine, with images built here in the place of those that would be pulled."""
