"""Whatever bytes arrive where files, batches and events are read: they are read or refused, and nothing else happens."""
