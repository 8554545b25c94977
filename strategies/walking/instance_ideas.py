"""Candidate steps about instances: requests that name several, and requests about an attribute of one."""

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
    DeleteVolumeStep,
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
from .snapshot import InstanceProfile
from .step_features import Variant
from .walk_history import ITSELF, WalkHistory

COMPOSITION_WORTH: Final = 3.0
"""How much a new composition of a batch is normally worth, in new cells."""
_FEW: Final = 8
"""Up to this many ids are shuffled for each idea."""
_NEW: Final = 2.0
"""How much a kind of step is worth for a state and protections that it has not met, in new cells."""
_RARE: Final = 6.0
"""How much a kind of step is worth the first time it is taken, in new cells."""


@dataclass(frozen=True, slots=True)
class InstanceIdeas:
    """Rates requests about instances.

    `composition_worth` is the worth of a new composition of a batch, and `termination_cost` the cost of terminating an
    instance, both in new cells. Instances with the same history count once.
    """

    dice: Dice
    history: WalkHistory
    features: Features
    composition_worth: float
    termination_cost: float

    def batch(
        self,
        kind: Variant,
        named_instances: Sequence[Instance],
        *,
        odd: bool = False,
        free_termination: bool = False,
    ) -> Idea:
        """Return a batch as an idea, its ids in any order; `odd` adds a bad or a repeated id.

        With `free_termination`, terminating instances costs nothing.
        """
        history = self.history
        sent = self.dice.arrange(named_instances) if len(named_instances) <= _FEW else named_instances
        ids: list[IdRef] = list(map(history.refs.__getitem__, sent))
        if odd:
            bad_one = self.dice.chance(50)
            ref = bad_id(self.dice, history.guide, self.features) if bad_one else self.dice.pick(ids[:100])
            place = self.dice.weigh(((33, 0), (34, self.dice.below(len(ids) + 1)), (33, len(ids))))
            ids.insert(place, ref)
            sent = [Instance(ref.name) for ref in ids if isinstance(ref, Named)]
        bad = len(sent) < len(ids)
        named = list(map(history.profiles.__getitem__, sent))
        distinct = dict.fromkeys(named)
        roles = history.expected.roles[kind]
        shields = {profile.zone for profile in distinct if roles[profile] is Role.REFUSED}
        refused = bad or bool(shields) or not kind.earnest
        coverage = history.coverage
        oddities = oddity(ids) if odd else NOTHING_ODD
        keys, composition = history.batch_keys(kind, named, distinct, len(ids), oddities)
        worth = worth_of(coverage, kind, keys, [profile.request_key for profile in distinct], refused=refused)
        worth += self.composition_worth * coverage.worth(kind, composition, refused=refused)
        worth += _NEW * coverage.new(kind, {profile.state_key for profile in distinct}, refused=refused)
        worth += _RARE * coverage.worth(kind, (coverage.key(ITSELF),), refused=refused)
        costs = self.termination_cost and not (bad or free_termination)
        if costs and kind.operation is Operation.TERMINATE and kind.earnest:
            worth -= self.termination_cost * len({s.keys for s in distinct if s.zone not in shields and _is_lost(s)})
        return Idea(worth, lambda: batch_step(kind, ids))

    def single(self, kind: Variant, i: Instance) -> Idea:
        """Return an idea for a request about an attribute of one instance."""
        history = self.history
        step = self.single_step(kind, i)
        refused = history.guide.refuses(step)
        keys = [*history.keys(i), history.coverage.key(("odd", None))]
        worth = worth_of(history.coverage, kind, keys, keys[:1], refused=refused)
        if kind.reads:
            worth *= 0.5
        worth += _NEW * history.coverage.new(kind, keys[1:2], refused=refused)
        return Idea(worth, lambda: step)

    def single_step(self, kind: Variant, i: Instance) -> DescribeAttributeStep | ModifyStep:
        """Return the request, occasionally with a bad id."""
        ref = bad_id(self.dice, self.history.guide, self.features) if self.dice.chance(4) else Named(i)
        if kind.operation is Operation.DESCRIBE_ATTRIBUTE and isinstance(kind.detail, Attribute):
            return DescribeAttributeStep(ref, kind.detail, dry_run=kind.dry_run, caller=kind.caller)
        attribute, value = cast("tuple[Attribute, bool | ShutdownBehavior]", kind.detail)
        return ModifyStep(ref, attribute, value, dry_run=kind.dry_run, caller=kind.caller)


def _is_lost(profile: InstanceProfile) -> bool:
    """Tell whether terminating this instance loses it for the rest of the walk."""
    return profile.record.state is not InstanceState.TERMINATED


def batch_step(kind: Variant, ids: Sequence[IdRef]) -> BatchStep:
    """Return the request of a kind for several instances."""
    operation = kind.operation
    flags = {str(kind.detail): True} if kind.detail is not None else {}
    return BatchStep(operation, tuple(ids), dry_run=kind.dry_run, caller=kind.caller, **flags)  # type: ignore[arg-type]


def observing_step(step: Step, unsupported: frozenset[Operation]) -> Step:
    """Return the step that shows the effect of another, using only operations that the target supports."""
    readable = Operation.DESCRIBE_ATTRIBUTE not in unsupported
    if readable and isinstance(step, ModifyStep) and step.attribute is not Attribute.BLOCK_DEVICE_MAPPINGS:
        return DescribeAttributeStep(step.id, step.attribute)
    return SettleStep()


def starts_transition(step: Step) -> bool:
    """Tell whether an instance or volume may be in transition after a step."""
    if isinstance(step, BatchStep):
        return step.operation is not Operation.DESCRIBE and step.in_earnest
    return isinstance(step, RunStep | CreateVolumeStep | AttachStep | DetachStep | DeleteVolumeStep | PushStep)
