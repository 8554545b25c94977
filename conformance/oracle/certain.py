"""What a belief is sure of."""

from collections.abc import Collection

from ...model.states import GONE, InstanceState, VolumeState
from ...model.world import Instance, Volume
from .belief import Hypothesis
from .items import DEAD


def is_over(hypotheses: Collection[Hypothesis], i: Instance) -> bool:
    """Tell whether an instance has surely ended."""
    return all(r.state is InstanceState.TERMINATED for h in hypotheses for r in h.instances.get(i, ()))


def is_gone(hypotheses: Collection[Hypothesis], v: Volume) -> bool:
    """Tell whether a volume was surely deleted."""
    return all(r.state is VolumeState.DELETED for h in hypotheses for r in h.volumes.get(v, ()))


def is_plain(hypotheses: Collection[Hypothesis], v: Volume) -> bool:
    """Tell whether all is known of a volume, and neither it nor the instance that holds it is gone or going."""
    return all(_is_plain(hypothesis, v) for hypothesis in hypotheses)


def _is_plain(hypothesis: Hypothesis, v: Volume) -> bool:
    records = hypothesis.volumes.get(v, frozenset())
    if len(records) != 1:
        return False
    [record] = records
    holders = () if record.holder is None else hypothesis.instances.get(record.holder, ())
    return record.state not in GONE and all(holder.state not in DEAD for holder in holders)
