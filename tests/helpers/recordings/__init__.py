"""Reads recordings of real EC2, whatever form they were kept in, and judges them with the oracle.

`forms.read` turns a file into events: calls in boto3's form, and states in which an instance was seen.
`exchanges` turns a call into requests of the specification, or into claims where it proves only that something exists.
`judge` starts from everything that may have been before (`prior`) and says of each event whether it is permitted.
`known` holds what is known of single files of the folder that EC2_RECORDINGS names.
"""
