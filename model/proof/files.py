"""Remembers the source of functions that were never in a file."""

import linecache
import weakref
from itertools import count
from typing import Final
from weakref import WeakValueDictionary


class File:
    """The text of a module, known to `linecache` by a name that no other text has, for as long as this object lives."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        # Without a time of change: it is never looked for on a disk.
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        weakref.finalize(self, linecache.cache.pop, name, None).atexit = False


_FILES: Final[WeakValueDictionary[str, File]] = WeakValueDictionary()


def file_of(name: str, text: str) -> File:
    """Return the file of a text; where another text has the name, it gets a number."""
    for number in count(1):
        numbered = name if number == 1 else f"{name}#{number}"
        file = _FILES.get(numbered)
        if file is None:
            file = _FILES[numbered] = File(numbered, text)
        if file.text == text:
            return file
    raise AssertionError
