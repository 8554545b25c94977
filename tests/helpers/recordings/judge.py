"""Judges recordings as a target's replies are judged, by an oracle that knows nothing of what was before them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from math import inf
from typing import Final

from ec2_lifecycle.conformance.adapter.sent import usual_paths
from ec2_lifecycle.conformance.oracle.belief import Hypothesis
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.oracle.oracle import Oracle
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.model.requests import Attribute, AttributeRequest, LaunchRequest, Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import ShutdownBehavior
from ec2_lifecycle.model.world import Instance, InstanceRecord
from ec2_lifecycle.strategies.scenario.translate import form_of

from .events import Call
from .exchanges import EVERY_MARK, Exchange, InstanceClaim, Unjudged, VolumeClaim
from .prior import Cast, loosened, reachable
from .seen import Seen

ENGINE: Final = Engine(EC2)
Broken = tuple[str, str]
"""What nothing permits: the instance (`-` for none) and the clause that is broken."""
MayBe = Callable[[InstanceRecord], bool]
"""What is known of the instances in a recording before it begins."""
_TIMED: Final = Settings(read_lag=10.0)
"""The delays of AWS (fact D-03)."""
_UNTIMED: Final = Settings(forget_after=0.0, launch_visibility=inf, protection_lag=inf)
"""Any time may have passed between two calls of which the recording does not say when they were."""


def anything(_: InstanceRecord) -> bool:
    """Know nothing of an instance."""
    return True


class Outcome(Enum):
    """What the oracle says of an event."""

    PERMITTED = "permitted"
    EXCUSED = "excused by what the specification does not hold"
    DIVERGES = "diverges"
    UNJUDGED = "proves nothing"


@dataclass(slots=True)
class Judge:
    """An oracle that knows nothing of the instances in some recordings but what `may_be` says.

    `plain`: nothing beyond the specification was done before, nor sent where the parameters were not recorded.
    """

    seen: list[Seen]
    may_be: MayBe = anything
    plain: bool = False
    oracle: Oracle = field(init=False)
    outcomes: list[Outcome] = field(default_factory=list[Outcome])

    def __post_init__(self) -> None:
        cast = Cast()
        for each in self.seen:
            cast.take_in(each)
        records = frozenset(filter(self.may_be, reachable()))
        if not any(map(_is_about_shutdown, self.seen)):  # then nothing depends on it
            records = frozenset(replace(record, shutdown_behavior=ShutdownBehavior.STOP) for record in records)
        times = [each.event.at for each in self.seen if each.event.at is not None]
        self.oracle = Oracle(
            ENGINE,
            _TIMED if len(times) == len(self.seen) else _UNTIMED,
            hypotheses=(Hypothesis(cast.belief(records), cast.belief_of_volumes()),),
            strangers={i: form_of(i) for i in cast.strangers},
        )
        start = next(iter(times), 0.0)
        self.oracle.history.launched.update(dict.fromkeys(cast.instances, float("-inf")))
        self.oracle.history.confirmed.update(dict.fromkeys(cast.instances, start))
        if not self.plain:
            self.oracle.past.marks.update((name, set(EVERY_MARK)) for name in (*cast.instances, *cast.volumes))

    def broken(self) -> frozenset[Broken]:
        """Return what nothing permits of all that was seen, and note the outcome of each event."""
        found: set[Broken] = set()
        now = 0.0
        for step, each in enumerate(self.seen):
            now = now if each.event.at is None else each.event.at
            broken = set(self._broken(step, each, now))
            found |= broken
            self.outcomes.append(self._outcome(each, broken))
        return frozenset(found)

    def _outcome(self, each: Seen, broken: set[Broken]) -> Outcome:
        if broken:
            return Outcome.DIVERGES
        if isinstance(each.asked, Unjudged):
            return Outcome.UNJUDGED
        excused = isinstance(each.asked, Exchange) and self.oracle.excused is not None
        return Outcome.EXCUSED if excused else Outcome.PERMITTED

    def _broken(self, step: int, each: Seen, now: float) -> Iterator[Broken]:
        match each.asked:
            case Exchange() as exchange if each.observation is not None:
                if isinstance(exchange.request, LaunchRequest):
                    yield from ((i, "RUN-1") for i in exchange.request.instances if self._knows(i))
                if exchange.request.operation is Operation.CREATE_VOLUME:
                    for v in exchange.request.volume_ids:  # nothing was done with it before
                        self.oracle.past.marks.pop(v, None)
                how = exchange.how
                if self.plain and isinstance(each.event, Call) and each.event.sent is None:
                    how = replace(how, paths=usual_paths(exchange.request))
                for divergence in self.oracle.judge(step, exchange.request, each.observation, now, now, how):
                    yield divergence.instance or "-", divergence.clause
                self._loosen(exchange)
            case InstanceClaim() as claim:
                if not self._keep_instance(claim):
                    yield claim.instance, claim.clause
            case VolumeClaim() as claim:
                if not self._keep_volume(claim):
                    yield claim.volume, claim.clause
            case Unjudged(names):
                self.oracle.leave_unjudged(names)
            case _:
                raise AssertionError(each)

    def _knows(self, i: Instance) -> bool:
        return any(i in hypothesis.instances for hypothesis in self.oracle.hypotheses)

    def _keep_instance(self, claim: InstanceClaim) -> bool:
        """Tell whether a claim can be true; if so nothing else is believed any more."""
        i = claim.instance
        left = [
            hypothesis.having({i: records})
            for hypothesis in self.oracle.hypotheses
            if (records := frozenset(filter(claim.holds, ENGINE.settled(hypothesis.instances.get(i, frozenset())))))
        ]
        self.oracle.hypotheses = tuple(left) or self.oracle.hypotheses
        return bool(left) or i in self.oracle.unjudged

    def _keep_volume(self, claim: VolumeClaim) -> bool:
        v = claim.volume
        left: list[Hypothesis] = []
        for hypothesis in self.oracle.hypotheses:
            volumes = hypothesis.volumes[v]
            records = frozenset(
                filter(claim.holds, ENGINE.settled_volumes(volumes, ENGINE.holders(hypothesis, volumes)))
            )
            if records:
                left.append(hypothesis.having(volumes={v: records}))
        self.oracle.hypotheses = tuple(left) or self.oracle.hypotheses
        return bool(left) or v in self.oracle.unjudged

    def _loosen(self, exchange: Exchange) -> None:
        """Forget the settings that an exchange gave to instances without anybody knowing them."""
        if exchange.past_unknown and not self.plain:
            self.oracle.past.marks.update((i, set(EVERY_MARK)) for i in exchange.request.instances)
        if exchange.loosened:
            self.oracle.hypotheses = tuple(
                hypothesis.having(
                    {
                        i: frozenset(r for one in hypothesis.instances[i] for r in loosened(one, exchange.loosened))
                        for i in exchange.request.instances
                        if i in hypothesis.instances
                    }
                )
                for hypothesis in self.oracle.hypotheses
            )


def _is_about_shutdown(seen: Seen) -> bool:
    request = seen.asked.request if isinstance(seen.asked, Exchange) else None
    return isinstance(request, AttributeRequest) and request.attribute is Attribute.SHUTDOWN_BEHAVIOR
