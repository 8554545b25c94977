"""One difference between a reply and everything that the specification permits."""

from dataclasses import dataclass, replace
from typing import Final

from ...model.clauses import Part
from ...model.requests import Attribute, ErrorCode, Operation, TokenError
from ...model.rules.attributes import PROTECTIONS
from ...model.states import InstanceState
from ...model.world import Instance, Volume

STATE_NAMES: Final = frozenset(state.value for state in InstanceState)
NEVER_AT_REST: Final = "rest:never"
"""The class of what was waited for in vain."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """What was wrong, which promise it breaks, and where.

    `expected_class` and `observed_class` come from closed vocabularies: they make the fingerprint.
    `step` is the index of the step to blame; `state` the lifecycle state of the blamed instance, or `-`.
    """

    clause: str
    part: Part
    operation: Operation
    state: str
    expected_class: str
    observed_class: str
    step: int
    instance: Instance | None
    title: str
    expected: tuple[str, ...]
    observed: str
    volume: Volume | None = None

    @property
    def generic(self) -> "Divergence":
        """The same divergence of any instance, at any step, in no words: its id and its harm depend on nothing else."""
        return replace(self, step=0, instance=None, volume=None, expected=(), observed="", title="")

    @property
    def never_rested(self) -> bool:
        """Whether a transition never ended."""
        return self.observed_class == NEVER_AT_REST

    @property
    def about(self) -> frozenset[str]:
        """The names of the instance and the volume with which something was wrong."""
        return frozenset(name for name in (self.instance, self.volume) if name is not None)

    @property
    def is_about_devices(self) -> bool:
        """Whether what was wrong is the list of volumes that an instance shows."""
        return "BlockDeviceMappings" in self.observed_class or self.observed_class.startswith("device:")

    @property
    def forgotten(self) -> Attribute | None:
        """The protection that a launch asked for and that was not there, where just that was wrong."""
        if self.operation is not Operation.RUN:
            return None
        return next((a for a in PROTECTIONS if self.expected_class == f"{a.value}:true"), None)

    @property
    def observed_state(self) -> str | None:
        """The state that the reply showed, where just that was wrong."""
        topic, _, state = self.observed_class.partition(":")
        state = state.removeprefix("current-")
        return state if topic == "state" and state in STATE_NAMES else None


NO_STATUS: Final = 0
"""What stands for a status that a client does not tell."""
ERROR_AS_SUCCESS: Final = "status:2xx"
"""The class of an error body that came with the status of a success."""
OTHER_CODE: Final = "refusal:other-client-error"
"""The class of a refusal with a code that no operation has."""
ABOUT_ANOTHER: Final = "message:about-another"
"""The class of a message that names what the refusal cannot be about."""
UNREADABLE: Final = "unreadable:"
"""With this begins the class of a part of a reply that cannot be read; its place in the reply follows."""
CLIENT_ERROR: Final = 400
SERVER_ERROR: Final = 500
"""The first status that says that the server failed, not the client (fact E-24)."""
SERVER_ERRED: Final = "refusal:server-error"
_CODES: Final = frozenset(code.value for code in (*ErrorCode, *TokenError))


def code_class(code: str, status: int) -> str:
    """Return the closed class of an error code."""
    if status >= SERVER_ERROR:
        return SERVER_ERRED
    return f"refusal:{code}" if code in _CODES else OTHER_CODE
