"""EC2's Query protocol, both ways: what botocore's model of a service says of a call is all that is known of it."""
