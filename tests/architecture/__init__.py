"""What the source must look like, where an import rule cannot say it."""
