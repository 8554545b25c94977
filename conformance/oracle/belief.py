"""What the world may be: a few hypotheses, each a set of possible records for every instance and volume."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord

Records = frozenset[InstanceRecord]
VolumeRecords = frozenset[VolumeRecord]

MOST_HYPOTHESES: Final = 64
"""With more, hypotheses are joined into one: coarser, never wrong."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One answer to every open point of the requests so far: every instance may have any of its records."""

    instances: Mapping[Instance, Records] = field(default_factory=dict[Instance, Records])
    volumes: Mapping[Volume, VolumeRecords] = field(default_factory=dict[Volume, VolumeRecords])

    def having(
        self,
        instances: Mapping[Instance, Records] | None = None,
        volumes: Mapping[Volume, VolumeRecords] | None = None,
    ) -> "Hypothesis":
        """Return this hypothesis with these sets of records in the place of the present ones."""
        return Hypothesis(
            {**self.instances, **instances} if instances else self.instances,
            {**self.volumes, **volumes} if volumes else self.volumes,
        )


def merged(hypotheses: Iterable[Hypothesis]) -> tuple[Hypothesis, ...]:
    """Return the hypotheses without repetition, and joined into one where there are too many."""
    distinct: list[Hypothesis] = []
    for hypothesis in hypotheses:
        if hypothesis not in distinct:
            distinct.append(hypothesis)
    if len(distinct) <= MOST_HYPOTHESES:
        return tuple(distinct)
    return (joined(distinct),)


def joined(hypotheses: Iterable[Hypothesis]) -> Hypothesis:
    """Return the one hypothesis that permits whatever any of these does."""
    instances: dict[Instance, Records] = {}
    volumes: dict[Volume, VolumeRecords] = {}
    for hypothesis in hypotheses:
        for i, records in hypothesis.instances.items():
            instances[i] = instances.get(i, frozenset()) | records
        for v, volume_records in hypothesis.volumes.items():
            volumes[v] = volumes.get(v, frozenset()) | volume_records
    return Hypothesis(instances, volumes)
