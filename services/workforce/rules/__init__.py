"""What must hold of org units, workers, absence, posts and the rates of supply and demand (clause 2.1)."""
