"""What EC2 promises: an executable specification of the instance lifecycle."""
