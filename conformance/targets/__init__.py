"""The targets: everything that a scenario can run against. `resolve` turns what a user writes into one of them."""
