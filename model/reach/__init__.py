"""What can be reached: every world of a small scope, by plain exhaustive execution of a specification."""
