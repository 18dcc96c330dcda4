"""What tests of every part share: a real broker and the pytest plugin that offers it."""
