"""Running scenarios against targets, and judging every reply by the specification."""
