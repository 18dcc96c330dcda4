"""What service users, carers and practitioners think, and what was done about it (Standard 1)."""
