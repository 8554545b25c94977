"""Calls that did not succeed, made comparable: exceptions in, observations out."""

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ...model.requests import Operation
from .names import Names
from .observation import NoAnswer, Observation, Refused
from .parts import structure_or_nothing

NO_CODE: Final = "(no error code)"
"""The code of a refusal that has none."""

_CLIENT_ERRORS: Final = range(400, 500)
_SERVER_ERROR: Final = 500
_NOT_IMPLEMENTED: Final = 501
_UNIMPLEMENTED: Final = frozenset(
    {
        "InvalidAction",
        "NotImplemented",
        "NotImplementedException",
        "UnknownAction",
        "UnknownOperation",
        "UnknownOperationException",
    }
)
"""Not among them: UnsupportedOperation, by which EC2 refuses what it implements (fact P-03)."""
_IS_UNIMPLEMENTED: Final = " is not implemented ("
_IS_NOT_XML: Final = " was answered with a body that is not EC2's XML."
_LONGEST: Final = 300


def failed(operation: Operation, error: Exception, names: Names) -> Observation:
    """Return what an exception of a client says: a refusal by EC2, or no answer that can be judged."""
    if isinstance(error, ClientError):
        return _refused(operation, error, names)
    if isinstance(error, NotImplementedError):
        return NoAnswer(_one_line(f"{operation.value}{_IS_UNIMPLEMENTED}{error or 'NotImplementedError'}).", names))
    if isinstance(error, ResponseParserError):
        return NoAnswer(f"{operation.value}{_IS_NOT_XML}")
    if isinstance(error, BotoCoreError | OSError):
        return NoAnswer(_one_line(f"{operation.value} was not answered: {type(error).__name__}: {error}", names))
    # An in-process client that fails inside is what an endpoint's internal server error is.
    return Refused(type(error).__name__, _one_line(str(error), names), _SERVER_ERROR, crashed=True)


def is_unimplemented(observation: Observation) -> bool:
    """Tell whether an answer to a simple, legal call says that the target does not implement it."""
    match observation:
        case Refused(code, message):
            return (message.partition(":")[0] if code == NO_CODE else code) in _UNIMPLEMENTED
        case NoAnswer(problem):
            return _IS_UNIMPLEMENTED in problem
        case _:
            return False


def is_not_ec2_xml(observation: Observation) -> bool:
    """Tell whether an answer has a body that no client of EC2 can read."""
    return isinstance(observation, NoAnswer) and observation.problem.endswith(_IS_NOT_XML)


def code_and_status(error: Exception) -> tuple[str, str, int]:
    """Return code, message and HTTP status of an error reply; empty, and 0, where there is none or it does not tell."""
    response = structure_or_nothing(getattr(error, "response", None))
    said = structure_or_nothing(response.get("Error"))
    status = structure_or_nothing(response.get("ResponseMetadata")).get("HTTPStatusCode")
    code, message = said.get("Code"), said.get("Message")
    return (
        code if isinstance(code, str) else "",
        message if isinstance(message, str) else "",
        status if isinstance(status, int) else 0,
    )


def _refused(operation: Operation, error: ClientError, names: Names) -> Observation:
    code, message, status = code_and_status(error)
    if status == _NOT_IMPLEMENTED:
        return NoAnswer(_one_line(f"{operation.value}{_IS_UNIMPLEMENTED}HTTP 501 {code}: {message}).", names))
    if not code and status not in _CLIENT_ERRORS:
        return NoAnswer(f"{operation.value} was answered with HTTP {status} and no error code.")
    if not code:  # a refusal, whatever it looks like: with an error in JSON, or a page of HTML
        return Refused(NO_CODE, names.replace_ids(message), status)
    return Refused(code, names.replace_ids(message), status)


def _one_line(text: str, names: Names) -> str:
    line = names.replace_ids(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
