"""One front door: tokens, limits, routing, health, documentation; it holds no data and knows no rule of the standards."""
