"""What a walk could ask of instances: requests for several at a time, and those about the attributes of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from ...model.requests import Attribute, Operation
from ...model.states import InstanceState, ShutdownBehavior
from ...model.world import Instance
from ..building.batches import bad_id
from ..building.dice import Dice
from ..building.features import Features
from ..scenario.steps import (
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    DescribeAttributeStep,
    DetachStep,
    IdRef,
    ModifyStep,
    Named,
    PushStep,
    RunStep,
    SettleStep,
    Step,
)
from .batch_features import NOTHING_ODD, oddity
from .expectations import Role
from .ideas import Idea, worth_of
from .snapshot import Standing
from .step_features import Variant
from .walk_history import ITSELF, Chronicle

MADE_UP: Final = 3.0
"""What a new make-up of a batch is worth as a rule, in new cells."""
_FEW: Final = 8
"""So many ids are arranged anew for each idea."""
_NEW: Final = 2.0
"""What it is worth to meet a state and protections for the first time with a kind of step, in new cells."""
_RARE: Final = 6.0
"""What it is worth to take a kind of step for the first time, in new cells."""


@dataclass(frozen=True, slots=True)
class InstanceIdeas:
    """Says what requests about instances are worth.

    `made_up` is what a new make-up of a batch is worth, and `lethal` what it costs to end an instance, in new cells;
    instances with the same past count once.
    """

    dice: Dice
    chronicle: Chronicle
    features: Features
    made_up: float
    lethal: float

    def batch(self, kind: Variant, cast: Sequence[Instance], *, odd: bool = False, free: bool = False) -> Idea:
        """Return a batch as an idea, in any order; where it is `odd`, with a bad id or one sent twice.

        To end an instance costs nothing where that is `free`.
        """
        chronicle = self.chronicle
        sent = self.dice.arrange(cast) if len(cast) <= _FEW else cast
        ids: list[IdRef] = list(map(chronicle.refs.__getitem__, sent))
        if odd:
            bad_one = self.dice.chance(50)
            ref = bad_id(self.dice, chronicle.guide, self.features) if bad_one else self.dice.pick(ids[:100])
            place = self.dice.weigh(((33, 0), (34, self.dice.below(len(ids) + 1)), (33, len(ids))))
            ids.insert(place, ref)
            sent = [Instance(ref.name) for ref in ids if isinstance(ref, Named)]
        bad = len(sent) < len(ids)
        named = list(map(chronicle.standings.__getitem__, sent))
        alike = dict.fromkeys(named)
        roles = chronicle.expected.roles[kind]
        shields = {standing.zone for standing in alike if roles[standing] is Role.REFUSED}
        refused = bad or bool(shields) or not kind.earnest
        coverage = chronicle.coverage
        oddities = oddity(ids) if odd else NOTHING_ODD
        keys, made_up = chronicle.batch_keys(kind, named, alike, len(ids), oddities)
        worth = worth_of(coverage, kind, keys, [standing.look for standing in alike], refused=refused)
        worth += self.made_up * coverage.worth(kind, made_up, refused=refused)
        worth += _NEW * coverage.new(kind, {standing.cell for standing in alike}, refused=refused)
        worth += _RARE * coverage.worth(kind, (coverage.key(ITSELF),), refused=refused)
        costs = self.lethal and not (bad or free)
        if costs and kind.operation is Operation.TERMINATE and kind.earnest:
            worth -= self.lethal * len({s.keys for s in alike if s.zone not in shields and _is_lost(s)})
        return Idea(worth, lambda: batch_step(kind, ids))

    def single(self, kind: Variant, i: Instance) -> Idea:
        """Return a request about an attribute of one instance as an idea."""
        chronicle = self.chronicle
        step = self.single_step(kind, i)
        refused = chronicle.guide.refuses(step)
        keys = [*chronicle.keys(i), chronicle.coverage.key(("odd", None))]
        worth = worth_of(chronicle.coverage, kind, keys, keys[:1], refused=refused)
        if kind.reads:
            worth *= 0.5
        worth += _NEW * chronicle.coverage.new(kind, keys[1:2], refused=refused)
        return Idea(worth, lambda: step)

    def single_step(self, kind: Variant, i: Instance) -> DescribeAttributeStep | ModifyStep:
        """Return the request, now and then with a bad id."""
        ref = bad_id(self.dice, self.chronicle.guide, self.features) if self.dice.chance(4) else Named(i)
        if kind.operation is Operation.DESCRIBE_ATTRIBUTE and isinstance(kind.detail, Attribute):
            return DescribeAttributeStep(ref, kind.detail, dry_run=kind.dry_run, caller=kind.caller)
        attribute, value = cast("tuple[Attribute, bool | ShutdownBehavior]", kind.detail)
        return ModifyStep(ref, attribute, value, dry_run=kind.dry_run, caller=kind.caller)


def _is_lost(standing: Standing) -> bool:
    """Tell whether something is lost when a termination ends this one."""
    return standing.record.state is not InstanceState.TERMINATED


def batch_step(kind: Variant, ids: Sequence[IdRef]) -> BatchStep:
    """Return the request of a kind for several instances."""
    operation = kind.operation
    flags = {str(kind.detail): True} if kind.detail is not None else {}
    return BatchStep(operation, tuple(ids), dry_run=kind.dry_run, caller=kind.caller, **flags)  # type: ignore[arg-type]


def look_after(step: Step, lacking: frozenset[Operation]) -> Step:
    """Return the step that shows what another one has done, as well as a target that lacks some operations can."""
    readable = Operation.DESCRIBE_ATTRIBUTE not in lacking
    if readable and isinstance(step, ModifyStep) and step.attribute is not Attribute.BLOCK_DEVICE_MAPPINGS:
        return DescribeAttributeStep(step.id, step.attribute)
    return SettleStep()


def moves(step: Step) -> bool:
    """Tell whether something may be on its way after a step."""
    if isinstance(step, BatchStep):
        return step.operation is not Operation.DESCRIBE and step.in_earnest
    return isinstance(step, RunStep | CreateVolumeStep | AttachStep | DetachStep | PushStep)
