"""Proves theorems about the rules themselves: their source text is read, given meaning in SMT, and handed to solvers."""
