"""What time causes in accountability: alerts move on, and people are told."""
