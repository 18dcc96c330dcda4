"""What the services promise one another and the world, held against what they do."""
