"""The oracle: keeps every world that the replies so far permit, and judges each reply by the specification.

In: a request, the observation that came back, and when. Out: divergences, and which clauses the reply was held to.
`execution/` asks it after every call, the judge of users' clients and recorded traces too.
Read `oracle.py` first, then `belief.py` (what is kept), `reading.py` (how a reply is read) and `divergence.py`.
"""
