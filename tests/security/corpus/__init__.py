"""What should be refused, as tables: bodies, values of fields, tokens, bytes on the wire."""
