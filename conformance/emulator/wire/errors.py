"""The errors of malformed requests, with EC2's codes and messages."""


class WrongRequest(Exception):
    """A request that is refused before any rule is evaluated: error code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def missing(name: str) -> WrongRequest:
    """Return the error for a missing required parameter (E-08 has the wording)."""
    return WrongRequest("MissingParameter", f"The request must contain the parameter {name}")


def invalid(name: str, value: str, what: str) -> WrongRequest:
    """Return the error for a value of the wrong type."""
    return WrongRequest("InvalidParameterValue", f"Value ({_short(value)}) for parameter {name} is invalid. {what}")


def unknown(name: str) -> WrongRequest:
    """Return the error for a parameter that the operation does not have."""
    return WrongRequest("UnknownParameter", f"The parameter {_short(name)} is not recognized")


_LONGEST = 200


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
