"""Texts that users write: TOML files, and durations such as `5m`.

In: a text or a file. Out: its value, or an error that says where the mistake is.
Waivers, the sandbox file and the options of the command line use it.
Read `durations.py` first, then `toml_text.py`.
"""
