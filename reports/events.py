"""The events of a run: the one stored truth from which every report is made.

They are plain data, with strings for everything that crosses layers; this module imports no other layer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

SCHEMA: Final = "1.8"
"""major.minor of the event stream. A field that a minor version adds has a default, so that older streams load.

1.1: the budget, the file of a scenario, the blamed instance of a finding.
1.2: in the header the lifecycle and the theorems; of a finding what was believed at each step, and what was expected
and observed in few words; of a target the changes of state that its replies showed.
1.4: the sources of a clause and of a finding; the notes about a target.
1.6: of a finding, the classes of what was expected and observed.
1.7: of a target, the calls that terminated what scenarios left alive.
1.8: of a target, the seeds of the runs that it combines, and the name that `run` takes.
"""


class Verdict(Enum):
    """The verdict of a clause on a target."""

    HELD = "held"
    VIOLATED = "violated"
    MASKED = "masked"
    """Another finding hides what a breach would show, so no check could count."""
    UNSUPPORTED = "unsupported"
    NOT_EXERCISED = "not-exercised"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where a promise can be checked."""

    label: str
    """What it is, with its date and region where they are known."""
    url: str = ""
    """An address that opens; empty for a kept recording, which `says` describes."""
    says: str = ""


@dataclass(frozen=True, slots=True)
class ClauseInfo:
    """A clause in the stream's header."""

    id: str
    sentence: str
    evidence: Mapping[str, Mapping[str, str]]
    """Per part (outcome, code, status, message): grade and source."""
    effect: str
    sources: Mapping[str, tuple[SourceInfo, ...]] = field(default_factory=dict[str, tuple[SourceInfo, ...]])
    """Per part, where it can be checked."""


@dataclass(frozen=True, slots=True)
class TransitionInfo:
    """A row of the specification's lifecycle: a cause of a transition, or of staying in a state."""

    source: str
    to: str
    by: str
    """An operation or a background step."""
    clause: str


@dataclass(frozen=True, slots=True)
class TheoremInfo:
    """A theorem about the specification, with its clauses."""

    id: str
    sentence: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The first line of a stream."""

    version: str
    """The version of ec2-lifecycle."""
    seed: int
    argv: tuple[str, ...]
    """The command line."""
    started: str
    """When the run began."""
    versions: Mapping[str, str]
    """The versions of Python and of the packages that matter."""
    clauses: tuple[ClauseInfo, ...]
    schema: str = SCHEMA
    max_calls: int | None = None
    """The limit of calls to a target."""
    time_budget: float | None = None
    """The limit of a target's run, in seconds."""
    lifecycle: tuple[TransitionInfo, ...] = ()
    theorems: tuple[TheoremInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetStarted:
    """A target has answered: its version, capabilities and zones."""

    target: str
    version: str
    capabilities: tuple[str, ...]
    zones: int
    notes: tuple[str, ...] = ()
    """Sentences about what could not be read before the run, such as its list of zones."""


@dataclass(frozen=True, slots=True)
class InstanceBelief:
    """What an instance may be, according to a target's replies."""

    states: tuple[str, ...]
    """Every possible state, in the order of the lifecycle; `forgotten` if EC2 no longer knows a terminated instance."""
    records: int
    """The number of its possible records: state, attributes and pending effects."""
    protected: tuple[str, ...] = ()
    """The protecting attributes that are set in every possible record."""
    doubted: bool = False
    """Whether it diverged: `states` then has the expected ones, and it is not judged further."""


@dataclass(frozen=True, slots=True)
class StepBelief:
    """The oracle's belief after a step of a scenario.

    A world is one way to settle the open points of the requests so far,
    with one record for each instance and volume that is not in doubt.
    """

    worlds_before: int
    """The number of possible worlds when the step began, after time had passed."""
    worlds: int
    """The number of possible worlds after the step and its replies."""
    hypotheses: int
    """The number of ways to settle the open points of the requests."""
    instances: Mapping[str, InstanceBelief]
    """By name; only some if there are very many."""


CONFIRMED: Final = "confirmed"
"""The status of a finding that a scenario of its own shows."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One distinct divergence, minimal."""

    id: str
    """The name of the defect, `f2:…`: the same in every run."""
    clause: str
    """The promise that its scenario breaks."""
    level: str
    """violation or deviation."""
    evidence: str
    """The grade of the broken part: recorded, documented or reported."""
    source: str
    title: str
    part: str
    operation: str
    step: int
    """Index of the blamed step in the scenario."""
    expected: tuple[str, ...]
    """Every permitted alternative in words, with its reason."""
    observed: str
    effect: str
    scenario: Mapping[str, Any]
    """The minimal scenario, in the shape of a scenario file."""
    scenario_text: str
    """The scenario as the text of a file."""
    repro: str
    """A self-contained boto3 program."""
    replay: str
    """The command that replays it."""
    minimal: bool
    """False if the divergence did not reproduce in a scenario of its own."""
    waived: str | None = None
    """The reason of the waiver that covers it."""
    instance: str | None = None
    """The name of the blamed instance, if there is one."""
    expected_brief: str = ""
    """The expected result, in a few words."""
    observed_brief: str = ""
    observed_state: str | None = None
    """The state that a reply showed, if the state was the divergence."""
    beliefs: tuple[StepBelief, ...] = ()
    """The belief after each step of the scenario, and after the final description, if there was one."""
    flaky: bool = False
    """Whether the waiver is for an intermittent finding."""
    sources: tuple[SourceInfo, ...] = ()
    """Where the broken promise can be checked, the best source first."""
    clauses: tuple[str, ...] = ()
    """Every clause that the defect breaks, the one of the scenario first."""
    harm: str = ""
    """What the defect does to whoever relies on the target."""
    deviation: str = ""
    """In what way the target differs from EC2: granted, refused, code, effect…"""
    fault: str = ""
    """The id of the fault in the catalogue of known ones, where it is one."""
    hint: str = ""
    """How to fix such a fault."""
    situation: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Where the defect was seen: operations, states of the instance, and what was expected and observed."""
    status: str = "confirmed"
    """confirmed, unconfirmed (not tried), intermittent (not each time) or observed (its calls cannot be repeated)."""
    expected_class: str = ""
    """The permitted replies in the oracle's closed vocabulary, joined by `|`, such as `state:running`."""
    observed_class: str = ""
    """The observed reply in the same vocabulary, such as `state:terminated`."""
    former: tuple[str, ...] = ()
    """Its ids in earlier releases (`f1:…`), and the ids of the defects that it includes."""


@dataclass(frozen=True, slots=True)
class FindingMade:
    """A new finding on a target; one with an id that came before replaces it, because it shows worse harm."""

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
    """The ids of the findings that it showed, including known ones."""
    skipped: str | None = None
    """Why it could not run on this target."""
    file: str | None = None
    """Its file, as folder and name, if it belongs to the corpus."""


@dataclass(frozen=True, slots=True)
class CoverageGrew:
    """The coverage after a number of calls to a target, by kind."""

    target: str
    calls: int
    coverage: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """The result of a clause; `reason` if it was unsupported, masked or not exercised."""

    verdict: Verdict
    evidence: str
    checks: int
    reason: str | None = None
    masked_by: tuple[str, ...] = ()
    """The findings that hide every check of it."""


@dataclass(frozen=True, slots=True)
class TransitionSeen:
    """How often replies showed a transition between two states, or a request that left the state unchanged."""

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
    """The numbers of different cells, operation pairs, clauses, open points and outcomes met."""
    quiet: int = 0
    """The number of last calls of generated scenarios without new coverage or findings."""
    waiver_problems: tuple[WaiverProblem, ...] = field(default=())
    transitions: tuple[TransitionSeen, ...] = field(default=())
    """The state changes that the replies showed; empty if the run did not finish."""
    notes: tuple[str, ...] = field(default=())
    """Sentences about what could not be read before the run, such as its list of zones."""
    unexplained: Mapping[str, int] = field(default_factory=dict[str, int])
    """The number of divergences, by the id of their defect, that other defects caused whenever the run looked."""
    clearing_calls: int = 0
    """The calls that terminated what scenarios had left alive; `calls` does not count them."""
    seeds: tuple[int, ...] = field(default=())
    """The seeds of the runs that this result combines; empty if it is one run, with `seed`."""
    runs_as: str = ""
    """The target that `run` takes and waivers name, if `target` is another name for it; else empty."""


Event = RunStarted | TargetStarted | FindingMade | CoverageGrew | ScenarioRun | WaiverProblem | TargetFinished
