"""Registration keeps what the register says of each worker, and what follows from it (Standard 7)."""
