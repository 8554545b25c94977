"""Proves theorems in several processes, and puts small worlds into words.

In: theorems of `model.theorems` and a solver. Out: a `Report` of plain data for each, with its counterexample in words.
The commands `prove` and `diff-spec` call it.
Read `parallel.py` first.
"""
