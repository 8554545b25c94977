"""The command line: one module for each command.

In: options and arguments. Out: text or JSON on standard output, and an exit code.
`cli.py` imports the module of a command when that command is called.
Read `run.py` first, then `shell.py` (exit codes and errors).
"""
