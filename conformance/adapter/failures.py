"""Turns the exceptions of failed calls into observations."""

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ...model.requests import Operation
from .names import Names
from .observation import NoAnswer, Observation, Refused, Unreadable
from .reply_parts import structure_or_nothing
from .strict_replies import UnreadableBody

NO_CODE: Final = "(no error code)"
"""Stands for the code of a refusal without one."""
ERROR_CODE: Final = "Error.Code"
"""The place of the code in an error of EC2's form."""

_CLASSES: Final = ("Client.", "Server.")
SUCCESSES: Final = range(200, 300)
"""The statuses of successes."""
CLIENT_ERRORS: Final = range(400, 500)
"""The statuses that blame the client."""
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
"""UnsupportedOperation is not among them: EC2 refuses implemented operations with it (fact P-03)."""
_IS_UNIMPLEMENTED: Final = " is not implemented ("
_IS_NOT_XML: Final = " was answered with a body that is not EC2's XML."
_LONGEST: Final = 300


def failed(operation: Operation, error: Exception, names: Names) -> Observation:
    """Return the observation for a client's exception: a refusal by EC2, or no answer that can be judged."""
    if isinstance(error, ClientError):
        return _refused(operation, error, names)
    if isinstance(error, NotImplementedError):
        return NoAnswer(_one_line(f"{operation.value}{_IS_UNIMPLEMENTED}{error or 'NotImplementedError'}).", names))
    if isinstance(error, UnreadableBody):
        return Unreadable(f"{operation.value}{_IS_NOT_XML}")
    if isinstance(error, ResponseParserError):
        return NoAnswer(f"{operation.value}{_IS_NOT_XML}")
    if isinstance(error, BotoCoreError | OSError):
        return NoAnswer(_one_line(f"{operation.value} was not answered: {type(error).__name__}: {error}", names))
    # A crash inside an in-process client is the equivalent of an endpoint's internal server error.
    return Refused(type(error).__name__, _one_line(str(error), names), _SERVER_ERROR, crashed=True)


def is_unimplemented(observation: Observation) -> bool:
    """Tell whether the answer to a simple, legal call says that the target does not implement it."""
    match observation:
        case Refused(code, message):
            return (message.partition(":")[0] if code == NO_CODE else code) in _UNIMPLEMENTED
        case NoAnswer(problem):
            return _IS_UNIMPLEMENTED in problem
        case _:
            return False


def is_not_ec2_xml(observation: Observation) -> bool:
    """Tell whether the body of an answer is unreadable for every EC2 client."""
    return isinstance(observation, NoAnswer | Unreadable) and observation.problem.endswith(_IS_NOT_XML)


def code_and_status(error: Exception) -> tuple[str, str, int]:
    """Return code, message and HTTP status of an error reply; empty or 0 where it has none.

    AWS writes some codes with their class before them (fact E-35): `Client.RequestLimitExceeded` is the same code.
    """
    response = structure_or_nothing(getattr(error, "response", None))
    said = structure_or_nothing(response.get("Error"))
    status = structure_or_nothing(response.get("ResponseMetadata")).get("HTTPStatusCode")
    code, message = said.get("Code"), said.get("Message")
    return (
        _without_class(code) if isinstance(code, str) and code.strip() else "",
        message if isinstance(message, str) else "",
        status if isinstance(status, int) else 0,
    )


def _without_class(code: str) -> str:
    for prefix in _CLASSES:
        code = code.removeprefix(prefix)
    return code


def _refused(operation: Operation, error: ClientError, names: Names) -> Observation:
    code, message, status = code_and_status(error)
    if status == _NOT_IMPLEMENTED:
        return NoAnswer(_one_line(f"{operation.value}{_IS_UNIMPLEMENTED}HTTP 501 {code}: {message}).", names))
    if not code and status not in CLIENT_ERRORS and status not in SUCCESSES:
        return NoAnswer(f"{operation.value} was answered with HTTP {status} and no error code.")
    text = names.replace_ids(message)
    if not code:
        problem = f"{operation.value} was refused without an error code, with the message {text!r}."
        return Refused(NO_CODE, text, status, unread=(Unreadable(_one_line(problem, names), ERROR_CODE),))
    return Refused(code, text, status)


def _one_line(text: str, names: Names) -> str:
    line = names.replace_ids(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
