"""Proves theorems about the rules themselves: their source is read, given meaning in SMT, and handed to solvers."""
