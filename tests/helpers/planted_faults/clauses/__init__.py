"""At least one fault for each clause that a target can be caught breaking, by topic."""
