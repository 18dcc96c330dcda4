"""What the hot paths cost, each measured beside something a reader knows, in one run. A report, never a test."""
