"""The specification played as an EC2 that one can call: `targets.model` gives it the methods of a client."""
