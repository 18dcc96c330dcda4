"""How supervision is reached over HTTP: request to command or query to answer."""
