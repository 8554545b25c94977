"""Judges attachments to a device in use (fact VR-03), and starts of an instance without its root volume (fact E-19).

No rule of the model speaks of devices: which volume is where is known from attachments and descriptions.
Where a reply left open whether a volume is still there, nothing is judged.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from ...model.requests import BatchRequest, Caller, ErrorCode, Operation, Request, VolumeRequest
from ...model.states import InstanceState, VolumeState
from ...model.world import Instance, Volume
from .belief import Hypothesis
from .fault import Fault
from .past import Past
from .situation import Situation

OCCUPIED: Final = "VOL-19"
WITHOUT_ROOT: Final = "START-12"
_CODE: Final = ErrorCode.INVALID_VALUE.value


@dataclass(frozen=True, slots=True)
class Due:
    """A refusal that is surely due, with the code InvalidParameterValue: its clause, and why it is due.

    `about` is the volume at the device of an attachment; None for a start.
    """

    clause: str
    why: str
    about: Volume | None = None

    @property
    def told(self) -> str:
        """The refusal, as findings tell it."""
        return f"{_CODE} ({self.why}: {self.clause})"

    def is_given_by(self, code: str) -> bool:
        """Tell whether a refusal has the code that is due."""
        return code == _CODE

    def success(self, request: Request) -> Fault:
        """Return the fault of a request that succeeds all the same."""
        names = frozenset(map(str, (*request.instances, *request.volume_ids, *filter(None, (self.about,)))))
        kind = f"refusal:{_CODE}"
        return Fault(
            self.clause, request.operation, "-", kind, "success", (self.told,), "success", None, self.about, names
        )

    def instead(self, fault: Fault) -> Fault:
        """Return the fault of a refusal with another code, where it was taken for one that is not due."""
        if fault.expected_class != "success":
            return fault
        kind = f"refusal:{_CODE}"
        return replace(fault, clause=self.clause, state="-", expected_class=kind, expected=(self.told,), instance=None)


def due_refusal(
    situation: Situation, hypotheses: Collection[Hypothesis], past: Past, unsure: Collection[str], request: Request
) -> Due | None:
    """Return the refusal that is due for reasons of devices; `unsure` are names that are in doubt."""
    if request.dry_run or request.caller is not Caller.OWNER or request.distinct != 1 or request.instance in unsure:
        return None
    i = request.instance
    if isinstance(request, VolumeRequest) and request.operation is Operation.ATTACH:
        others = (v for v, device in past.device_of.items() if device == request.device and v not in request.volumes)
        for v in others:
            if v not in unsure and all(_surely_holds(situation, h, i, v) for h in hypotheses):
                return Due(OCCUPIED, f"the device is that of the volume {v}", v)
    if isinstance(request, BatchRequest) and request.operation is Operation.START:
        root = past.rootless.get(i)
        if root is not None and root not in unsure and all(_surely_lacks(situation, h, i, root) for h in hypotheses):
            return Due(WITHOUT_ROOT, f"{i} has no root volume")
    return None


def _surely_holds(situation: Situation, hypothesis: Hypothesis, i: Instance, v: Volume) -> bool:
    records = situation.volumes(hypothesis, (v,)).get(v) or frozenset()
    in_use = VolumeState.IN_USE
    return bool(records) and all(r.holder == i and r.state is in_use and not r.detaching for r in records)


def _surely_lacks(situation: Situation, hypothesis: Hypothesis, i: Instance, root: Volume) -> bool:
    """Tell whether an instance is stopped, and its former root is at rest elsewhere."""
    records, volumes = hypothesis.instances.get(i), hypothesis.volumes.get(root)
    if not records or not volumes:
        return False
    stopped = all(r.state is InstanceState.STOPPED for r in situation.engine.settled(records))
    return stopped and all(r.holder != i for r in situation.volumes(hypothesis, (root,))[root])
