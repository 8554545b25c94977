"""The scenario that the documentation explains the file format with."""

from typing import Final

WORKED_EXAMPLE: Final = """\
title: A protected instance shields its own zone and no other
clauses: [TERM-4, TERM-5, TERM-6]
steps:
  - run: {name: A, zone: 1}
  - run: {name: B, zone: 1}
  - run: {name: C, zone: 2, DisableApiTermination: true}
  - run: {name: D, zone: 2}
  - settle
  - terminate: [A, B, C, D]
  - settle
  - describe: [A, B, C, D]
"""
