"""Work on other machines: the connection to a Dask cluster, which distributes tasks and repeats those that it loses.

In: `local` or the address of a scheduler, and functions whose results depend only on their arguments.
Out: their results, wherever a worker computed them.
The commands `run`, `derive` and `campaign` call it. Only this package imports Dask.
Read `connection.py` first.
"""
