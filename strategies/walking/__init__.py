"""Walks: scenarios that are written while they are played, each step the one that is least covered so far."""
