"""The errors of malformed requests."""

from .ec2_errors import Ec2Error


class WrongRequest(Exception):
    """A request that is refused before any rule is evaluated: error code, message and HTTP status."""

    def __init__(self, error: Ec2Error, **parts: object) -> None:
        super().__init__(error.text(**parts))
        self.code = error.value.code
        self.message = str(self)
        self.status = error.value.status
        self.facts = error.value.facts


def missing(name: str) -> WrongRequest:
    """Return the error for a missing required parameter."""
    return WrongRequest(Ec2Error.MISSING, name=name)


def invalid(name: str, value: str, what: str) -> WrongRequest:
    """Return the error for a value of the wrong type; `what` is the form of a right one."""
    return WrongRequest(Ec2Error.WRONG_TYPE, name=name, value=_short(value), what=what)


def unknown(name: str) -> WrongRequest:
    """Return the error for a parameter that the operation does not have."""
    return WrongRequest(Ec2Error.UNKNOWN_PARAMETER, name=_short(name))


_LONGEST = 200


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
