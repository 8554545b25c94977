"""Judges attachments to a device that another volume of the instance uses (fact VR-03).

No rule of the model speaks of devices: which volume is where is known from attachments and descriptions.
Where a reply left open whether a volume is still there, nothing is judged.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from ...model.requests import Caller, ErrorCode, Operation, Request, VolumeRequest
from ...model.states import VolumeState
from ...model.world import Instance, Volume
from .belief import Hypothesis
from .fault import Fault
from .past import Past
from .situation import Situation

OCCUPIED: Final = "VOL-19"
_CODE: Final = ErrorCode.INVALID_VALUE.value
_EXPECTED: Final = f"refusal:{_CODE}"


def occupant(
    situation: Situation, hypotheses: Collection[Hypothesis], past: Past, open_: Collection[str], request: Request
) -> Volume | None:
    """Return the volume that surely is at the device of an attachment; `open_` are those of which little is known."""
    if not isinstance(request, VolumeRequest) or request.operation is not Operation.ATTACH:
        return None
    if request.dry_run or request.caller is not Caller.OWNER or request.instance in open_:
        return None
    at_device = (v for v, device in past.device_of.items() if device == request.device)
    others = (v for v in at_device if v not in request.volumes and v not in open_)
    return next(
        (v for v in others if all(_surely_holds(situation, h, request.instance, v) for h in hypotheses)),
        None,
    )


def _surely_holds(situation: Situation, hypothesis: Hypothesis, i: Instance, v: Volume) -> bool:
    records = situation.volumes(hypothesis, (v,)).get(v)
    return bool(records) and all(
        r.holder == i and r.state is VolumeState.IN_USE and not r.detaching for r in records or ()
    )


def second_volume(request: Request, there: Volume) -> Fault:
    """Return the fault of an attachment that succeeds although a volume is there."""
    names = frozenset({str(there), *map(str, request.volume_ids)})
    told = (_told(there),)
    return Fault(OCCUPIED, request.operation, "-", _EXPECTED, "success", told, "success", volume=there, opens=names)


def instead(fault: Fault, there: Volume) -> Fault:
    """Return the fault of a refusal that is due because a volume is there, and has another code."""
    if fault.expected_class != "success":
        return fault
    return replace(fault, clause=OCCUPIED, state="-", expected_class=_EXPECTED, expected=(_told(there),), instance=None)


def is_due(code: str) -> bool:
    """Tell whether a refusal has the code for a device that is in use."""
    return code == _CODE


def _told(there: Volume) -> str:
    return f"{_CODE} (the device is that of the volume {there}: {OCCUPIED})"
