"""The kinds of steps that coverage distinguishes, independent of what a step names."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from zlib import crc32

from ...model.requests import Caller, Operation
from ..scenario.steps import (
    FLAGS,
    READS,
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    DeleteVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    ModifyStep,
    PushStep,
    RunAgainStep,
    RunStep,
    SettleStep,
    Step,
    WaitStep,
)

AGAIN: Final = "again"
"""The detail of a launch that is sent again with its client token."""


@dataclass(frozen=True, eq=False)
class Variant:
    """One kind of step; `variant` makes one object for each kind, with its own number, the same in every process.

    `operation` is None for a push or a wait, which are not requests.
    `detail` is the written attribute and value, the flag, or the push.
    """

    number: int
    operation: Operation | None
    detail: Hashable
    dry_run: bool
    caller: Caller

    @cached_property
    def earnest(self) -> bool:
        """Whether it can have an effect: it is not a dry run, and its caller has permission."""
        return not self.dry_run and self.caller is Caller.OWNER

    @cached_property
    def reads(self) -> bool:
        """Whether the step only reads."""
        return self.operation in READS


_MADE: Final[dict[tuple[Operation | None, Hashable, bool, Caller], Variant]] = {}


def variant(
    operation: Operation | None,
    detail: Hashable = None,
    *,
    dry_run: bool = False,
    caller: Caller = Caller.OWNER,
) -> Variant:
    """Return the one object for this kind of step."""
    key = (operation, detail, dry_run, caller)
    known = _MADE.get(key)
    # setdefault is atomic, because walks may run in parallel threads.
    return _MADE.setdefault(key, Variant(crc32(repr(key).encode()), *key)) if known is None else known


def variant_of(step: Step) -> Variant | None:
    """Return the kind of a step; None for a settle, which requests nothing."""
    match step:
        case SettleStep():
            return None
        case WaitStep():
            return variant(None, "wait")
        case PushStep():
            return variant(None, step.push)
        case BatchStep():
            detail: Hashable = next((flag for flag in FLAGS[step.operation] if getattr(step, flag)), None)
        case ModifyStep():
            detail = (step.attribute, step.value)
        case DescribeAttributeStep():
            detail = step.attribute
        case RunAgainStep():
            detail = AGAIN
        case DetachStep():
            detail = None if step.id is None else "named"
        case RunStep() | CreateVolumeStep() | AttachStep() | DeleteVolumeStep() | DescribeVolumesStep():
            detail = None
    return variant(step.operation, detail, dry_run=step.dry_run, caller=step.caller)
