"""The events of a run: the one stored truth, from which every report is made.

Plain data with strings for everything that crosses layers; this module imports none of the other layers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

SCHEMA: Final = "1.3"
"""major.minor of the event stream. A field that a minor version adds has a default, so that older streams load.

1.1: the budget, the file of a scenario, the blamed instance of a finding.
1.2: in the header the lifecycle and the theorems; of a finding what was believed at each step, and what was expected
and observed in few words; of a target the changes of state that its replies showed.
"""


class Verdict(Enum):
    """How a clause fared on a target."""

    HELD = "held"
    VIOLATED = "violated"
    UNSUPPORTED = "unsupported"
    NOT_EXERCISED = "not-exercised"


@dataclass(frozen=True, slots=True)
class ClauseInfo:
    """A clause as the stream's header carries it."""

    id: str
    sentence: str
    evidence: Mapping[str, Mapping[str, str]]
    """Per part (outcome, code, status, message): grade and source."""
    effect: str


@dataclass(frozen=True, slots=True)
class TransitionInfo:
    """A row of the specification's lifecycle: what leads from one state to another, or leaves an instance in one."""

    source: str
    to: str
    by: str
    """An operation, or what EC2 does by itself."""
    clause: str


@dataclass(frozen=True, slots=True)
class TheoremInfo:
    """A theorem about the specification, with the clauses that it speaks for."""

    id: str
    sentence: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The first line of a stream."""

    version: str
    seed: int
    argv: tuple[str, ...]
    started: str
    versions: Mapping[str, str]
    clauses: tuple[ClauseInfo, ...]
    schema: str = SCHEMA
    max_calls: int | None = None
    """Calls to a target at which its run was to stop."""
    time_budget: float | None = None
    """Seconds after which a target's run was to stop."""
    lifecycle: tuple[TransitionInfo, ...] = ()
    theorems: tuple[TheoremInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetStarted:
    """A target answers: what it is and can do."""

    target: str
    version: str
    capabilities: tuple[str, ...]
    zones: int


@dataclass(frozen=True, slots=True)
class InstanceBelief:
    """What an instance may be, as far as a target's replies tell."""

    states: tuple[str, ...]
    """Every state that is possible, in the order of a life; `forgotten` where EC2 no longer knows a terminated one."""
    records: int
    """In how many ways it may be: its state with its attributes, and with what is still to become of it."""
    protected: tuple[str, ...] = ()
    """The attributes that protect it, whichever way it is."""
    doubted: bool = False
    """Something about it went wrong: `states` has what was to be expected, and nothing more is said of it."""


@dataclass(frozen=True, slots=True)
class StepBelief:
    """What the oracle held possible when a step of a scenario was over.

    A world is one way to settle what the requests so far left open,
    and one way for each instance and volume to be that is in no doubt.
    """

    worlds_before: int
    """How many worlds were possible when the step began, after time had passed."""
    worlds: int
    """How many are left once its replies were seen, or have come of what it did."""
    hypotheses: int
    """In how many ways what the requests left open may be settled."""
    instances: Mapping[str, InstanceBelief]
    """By name; of very many only some."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One distinct divergence, minimal."""

    id: str
    """The fingerprint, `f1:…`."""
    clause: str
    level: str
    """violation or deviation."""
    evidence: str
    """The grade of the part that is broken: recorded, documented or reported."""
    source: str
    title: str
    part: str
    operation: str
    step: int
    """Index of the blamed step in the scenario."""
    expected: tuple[str, ...]
    """Every permitted alternative in words, each with its reason."""
    observed: str
    effect: str
    scenario: Mapping[str, Any]
    """The minimal scenario, in the shape of a scenario file."""
    scenario_text: str
    """The same as a file."""
    repro: str
    """A boto3 program that runs by itself."""
    replay: str
    """The exact command that replays it."""
    minimal: bool
    """False where the divergence did not reproduce in a scenario of its own."""
    waived: str | None = None
    """The reason of the waiver that covers it."""
    instance: str | None = None
    """The name of the blamed instance, where it is one's."""
    expected_brief: str = ""
    """What was expected, in few words."""
    observed_brief: str = ""
    observed_state: str | None = None
    """The state that a reply showed, where just that was wrong."""
    beliefs: tuple[StepBelief, ...] = ()
    """What was believed after each step of the scenario, and last after the final look, if there was one."""
    flaky: bool = False
    """Whether `waived` is the reason of one that is known to come and go."""


@dataclass(frozen=True, slots=True)
class FindingMade:
    """A new distinct finding on a target."""

    target: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """One scenario was run."""

    target: str
    title: str
    source: str
    """corpus, generated, replay or minimise."""
    calls: int
    findings: tuple[str, ...]
    """Fingerprints that it showed, known ones included."""
    skipped: str | None = None
    """Why it could not be run on this target."""
    file: str | None = None
    """Its file, as folder and name, where it is of the corpus."""


@dataclass(frozen=True, slots=True)
class CoverageGrew:
    """After so many calls to a target, scenarios have met so many different things of each kind."""

    target: str
    calls: int
    coverage: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """How a clause fared; `reason` where it was unsupported or not exercised."""

    verdict: Verdict
    evidence: str
    checks: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TransitionSeen:
    """How often replies showed an instance pass from one state to another, or a request leave it in its state."""

    source: str
    to: str
    times: int


@dataclass(frozen=True, slots=True)
class WaiverProblem:
    """A waiver that fails the run: stale, expired or matching nothing."""

    target: str
    waiver: str
    problem: str


@dataclass(frozen=True, slots=True)
class TargetFinished:
    """A target's run is over; `broken` says why it ended early, if it did."""

    target: str
    version: str
    seed: int
    scenarios: int
    calls: int
    seconds: float
    clauses: Mapping[str, ClauseResult]
    findings: tuple[Finding, ...]
    stopped: str
    """Why it stopped: done, saturated, calls, time, sandbox, interrupted or broken."""
    broken: str | None = None
    coverage: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many different cells, pairs of operations, clauses, open points and outcomes were met."""
    quiet: int = 0
    """The last calls of generated scenarios that showed nothing new, neither coverage nor findings."""
    waiver_problems: tuple[WaiverProblem, ...] = field(default=())
    transitions: tuple[TransitionSeen, ...] = field(default=())
    """The changes of state that the replies showed; none told where the run did not come to its end."""


Event = RunStarted | TargetStarted | FindingMade | CoverageGrew | ScenarioRun | WaiverProblem | TargetFinished
