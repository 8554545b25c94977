"""The model in front of another EC2: it owns instances and volumes, and the EC2 behind it owns everything else.

In: a request that the endpoint has read. Out: the reply of the EC2 behind, as it is, or what the model needs from it.
The setting `beyond` of the double and of `serve` uses it; docs/beyond.md has the table of who answers what.
Read `front.py` first (who answers), then `behind.py` (how to reach the other EC2) and `launches.py` (look-ups).
"""
