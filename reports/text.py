"""Texts of a target, made safe to show."""


def printable(text: str) -> str:
    """A text on one line whose every character can be seen.

    Line breaks, control characters, marks that turn the direction of writing, and blanks other than the space
    are written as escapes; so a hostile name can neither move the cursor nor look like another name.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def printable_lines(text: str) -> list[str]:
    """The lines of a program or a file, each `printable`; blank lines at the end are left out."""
    return [printable(line) for line in text.rstrip().split("\n")]
