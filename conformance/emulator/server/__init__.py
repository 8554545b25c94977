"""The specification as an EC2 that real clients talk to: over HTTP, or inside their own process."""
