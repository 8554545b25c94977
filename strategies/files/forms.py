"""The forms of the steps in a scenario file, in one table, for reading and for writing."""

from dataclasses import dataclass
from typing import Any, Final

from ...model.requests import Attribute, Caller, Operation
from ...model.states import RootDevice
from ..scenario.steps import (
    FLAGS,
    AttachStep,
    BatchOperation,
    BatchStep,
    CreateVolumeStep,
    DeleteVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    ModifyStep,
    Push,
    PushStep,
    RunAgainStep,
    RunStep,
    SettleStep,
    Step,
    VolumeSpec,
    WaitStep,
)
from .records import Field, Record, read_fields, write_fields
from .values import (
    ATTRIBUTE,
    BOOLEAN,
    CALLER,
    COUNT,
    DEVICE_NAME,
    ID,
    IDS,
    NAMED,
    NUMBER,
    ROOT_DEVICE,
    SHUTDOWN_BEHAVIOR,
    STATES,
    TOKEN,
    VOLUME,
    VOLUMES,
    ZONES,
    Codec,
    Data,
    list_of,
)
from .yaml_nodes import Mapping, Node, Scalar, node_kind, quoted, suggestion

_COMMON: Final = (Field("DryRun", "dry_run", BOOLEAN, default=False), Field("as", "caller", CALLER, Caller.OWNER))
_NAME: Final = Field("name", "name", NAMED)
_ZONE: Final = Field("zone", "zone", NUMBER, 1)
_ID: Final = Field("id", "id", ID)
_IDS: Final = Field("ids", "ids", IDS)
_PUSHED: Final = Field("id", "id", NAMED)
_SECONDS: Final = Field("seconds", "seconds", NUMBER)
_VOLUME: Final = Field("volume", "volume", VOLUME)
_VOLUMES: Final = Field("volumes", "volumes", VOLUMES)

_VOLUME_SPEC: Final = Record(
    VolumeSpec,
    (
        _NAME,
        Field("device", "device", DEVICE_NAME, None),
        Field("DeleteOnTermination", "delete_on_termination", BOOLEAN, None),
    ),
)
_VOLUME_SPECS: Final = list_of(Codec(_VOLUME_SPEC.read, _VOLUME_SPEC.write), "[{name: d}]")
_LAUNCH_ATTRIBUTES: Final = (
    Field("DisableApiTermination", "disable_api_termination", BOOLEAN, None),
    Field("DisableApiStop", "disable_api_stop", BOOLEAN, None),
    Field("InstanceInitiatedShutdownBehavior", "shutdown_behavior", SHUTDOWN_BEHAVIOR, None),
)
_MIN_COUNT: Final = Field("MinCount", "min_count", COUNT, None)


class _Run(Record):
    """The record of `run`, whose MinCount is at most its count."""

    def read(self, node: Node, what: str) -> RunStep:
        """The step for a mapping; `what` names it in messages."""
        attributes = read_fields(self.fields, node, what)
        least, count = attributes.get(_MIN_COUNT.attribute), attributes.get("count", 1)
        if least is not None and least > count:
            raise node.error(
                f"{what} has the {_MIN_COUNT.key} {least} and the count {count}; write a count from {least} on"
            )
        step: RunStep = self.made(attributes)
        return step


_RUN: Final = _Run(
    RunStep,
    (
        _NAME,
        _ZONE,
        Field("count", "count", COUNT, 1),
        Field("root", "root", ROOT_DEVICE, RootDevice.EBS),
        *_LAUNCH_ATTRIBUTES,
        Field("HibernationOptions.Configured", "hibernation", BOOLEAN, None),
        Field("volumes", "volumes", _VOLUME_SPECS, ()),
        _MIN_COUNT,
        Field("ClientToken", "token", TOKEN, ""),
        *_COMMON,
    ),
)
_RUN_AGAIN: Final = Record(
    RunAgainStep,
    (
        _NAME,
        Field("zone", "zone", NUMBER, None),
        Field("count", "count", COUNT, None),
        *_LAUNCH_ATTRIBUTES,
        *_COMMON,
    ),
)
_FLAG_KEYS: Final = {"force": "Force", "skip_os_shutdown": "SkipOsShutdown", "hibernate": "Hibernate"}
_CHANGE: Final = "change"


def _change(attribute: Attribute, codec: Codec[Any]) -> Field:
    """The key of a simple attribute; as in `_volume_change`, it is read into attributes of `ModifyStep`."""

    def read(node: Node, key: str) -> dict[str, object]:
        return {"value": codec.read(node, key)}

    def write(step: ModifyStep) -> Data:
        return codec.write(step.value)

    return Field(attribute.value, _CHANGE, Codec(read, write), None)


def _volume_change() -> Field:
    fields = (_VOLUME, Field("DeleteOnTermination", "value", BOOLEAN))

    def read(node: Node, key: str) -> dict[str, object]:
        return read_fields(fields, node, key)

    def write(step: ModifyStep) -> Data:
        return write_fields(fields, step)

    return Field(Attribute.BLOCK_DEVICE_MAPPINGS.value, _CHANGE, Codec(read, write), None)


_CHANGES: Final = {
    each.key: each
    for each in (
        _change(Attribute.DISABLE_API_TERMINATION, BOOLEAN),
        _change(Attribute.DISABLE_API_STOP, BOOLEAN),
        _change(Attribute.SHUTDOWN_BEHAVIOR, SHUTDOWN_BEHAVIOR),
        _volume_change(),
    )
}


class _Modify(Record):
    """The record of `modify`, in which exactly one key names the attribute (fact B-12)."""

    def keys(self) -> tuple[Field, ...]:
        """Every key that the mapping may have."""
        return (_ID, *_CHANGES.values(), *_COMMON)

    def read(self, node: Node, what: str) -> ModifyStep:
        """The step for a mapping; `what` names it in messages."""
        given = [key for key, _ in node.entries if key.text in _CHANGES] if isinstance(node, Mapping) else []
        if len(given) > 1:
            wrong = f"EC2 modifies one attribute per call, and this has {given[0].text} and {given[1].text}"
            raise given[1].error(f"{wrong}; write a step for each")
        changes = [_CHANGES[key.text] for key in given] or list(_CHANGES.values())
        attributes = read_fields((_ID, *changes, *_COMMON), node, what)
        if not given:
            raise node.error(f"{what} has no attribute; write one of {', '.join(_CHANGES)}")
        change = attributes.pop(_CHANGE)
        return ModifyStep(attribute=Attribute(given[0].text), **attributes, **change)

    def write(self, value: ModifyStep, keep: str = "") -> dict[str, Data]:
        """The mapping for a step."""
        change = _CHANGES[value.attribute.value]
        return {
            **write_fields((_ID,), value, keep),
            change.key: change.codec.write(value),
            **write_fields(_COMMON, value, keep),
        }


_STATES: Final = Field("instance-state-name", "states", STATES, ())
_ZONES: Final = Field("availability-zone", "zones", ZONES, ())


@dataclass(frozen=True, slots=True)
class _Form:
    """A step with a value: its word, the record of the value, and an example for messages.

    The value of the field `shorthand` may replace the mapping if all other fields have their defaults.
    """

    word: str
    record: Record
    example: str
    shorthand: Field | None = None

    def read(self, node: Node) -> Step:
        if self.shorthand is None or (isinstance(node, Mapping) and len(self.record.fields) > 1):
            return self.record.read(node, self.word)
        return self.record.made({self.shorthand.attribute: self.shorthand.codec.read(node, self.word)})

    def write(self, step: Step, keep: str) -> Data:
        written = self.record.write(step, keep)
        return written[self.shorthand.key] if self.shorthand and list(written) == [self.shorthand.key] else written


def _batch(word: str, operation: BatchOperation) -> _Form:
    flags = tuple(Field(_FLAG_KEYS[flag], flag, BOOLEAN, default=False) for flag in FLAGS[operation])
    return _Form(word, Record(BatchStep, (_IDS, *flags, *_COMMON), {"operation": operation}), "[A, B]", _IDS)


_FORMS: Final = (
    _Form("run", _RUN, "{name: A, zone: 1}"),
    _Form("run-again", _RUN_AGAIN, "{name: A}"),
    _batch("terminate", Operation.TERMINATE),
    _batch("stop", Operation.STOP),
    _batch("start", Operation.START),
    _batch("reboot", Operation.REBOOT),
    _Form(
        "describe",
        Record(BatchStep, (_IDS, _STATES, _ZONES, *_COMMON), {"operation": Operation.DESCRIBE}),
        "[A, B]",
        _IDS,
    ),
    _Form("modify", _Modify(ModifyStep), "{id: A, DisableApiTermination: true}"),
    _Form(
        "describe-attribute",
        Record(DescribeAttributeStep, (_ID, Field("attribute", "attribute", ATTRIBUTE), *_COMMON)),
        "{id: A, attribute: DisableApiTermination}",
    ),
    _Form("create-volume", Record(CreateVolumeStep, (_NAME, _ZONE, *_COMMON)), "{name: v, zone: 1}"),
    _Form(
        "attach",
        Record(AttachStep, (_VOLUME, _ID, Field("device", "device", DEVICE_NAME), *_COMMON)),
        "{volume: v, id: A, device: /dev/sdg}",
    ),
    _Form("detach", Record(DetachStep, (_VOLUME, Field("id", "id", ID, None), *_COMMON)), "{volume: v, id: A}"),
    _Form("delete-volume", Record(DeleteVolumeStep, (_VOLUME, *_COMMON)), "v", _VOLUME),
    _Form("describe-volumes", Record(DescribeVolumesStep, (_VOLUMES, *_COMMON)), "[A.root, v]", _VOLUMES),
    _Form("wait", Record(WaitStep, (_SECONDS,)), "30", _SECONDS),
    *(_Form(push.value, Record(PushStep, (_PUSHED,), {"push": push}), "A", _PUSHED) for push in Push),
)
_BY_WORD: Final = {form.word: form for form in _FORMS}
_SETTLE: Final = "settle"
_WORDS: Final = (_SETTLE, *_BY_WORD)


@dataclass(frozen=True, slots=True)
class StepSyntax:
    """How a step is written: an example, and the keys of its mapping."""

    example: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


def step_syntax() -> list[StepSyntax]:
    """Return how every step is written, in the order of the documentation."""
    written = [StepSyntax(_SETTLE)]
    for form in _FORMS:
        keys = form.record.keys()
        required, optional = ([each.key for each in keys if each.required is must] for must in (True, False))
        written.append(StepSyntax(f"{form.word}: {form.example}", tuple(required), tuple(optional)))
    return written


def read_step(node: Node) -> Step:
    """The step in one item of `steps`; raises `ScenarioError` if it has no known form."""
    match node:
        case Scalar(text=text) if text == _SETTLE:
            return SettleStep()
        case Scalar(text=text) if text in _BY_WORD:
            raise node.error(f"the step {text} needs a value; write `- {text}: {_BY_WORD[text].example}`")
        case Scalar(text=text):
            raise node.error(f"{node_kind(node)} is not a step; {suggestion(text, _WORDS)}")
        case Mapping(entries=((key, value),)) if key.text in _BY_WORD:
            return _BY_WORD[key.text].read(value)
        case Mapping(entries=((key, _),)) if key.text == _SETTLE:
            raise key.error("settle takes no value; write `- settle`")
        case Mapping(entries=((key, _),)):
            raise key.error(f"{quoted(key.text)} is not a step; {suggestion(key.text, _WORDS)}")
        case Mapping(entries=((first, _), (second, _), *_)):
            wrong = f"a step has one key, and this has {quoted(first.text)} and {quoted(second.text)}"
            raise second.error(f"{wrong}; begin each step with a dash, and write its keys between braces")
        case _:
            raise node.error(f"a step cannot be {node_kind(node)}; write one like `- run: {_BY_WORD['run'].example}`")


def write_step(step: Step, *, keep_zone: bool) -> Data:
    """The item of `steps` for a step; zone 1 is left out unless `keep_zone`."""
    if isinstance(step, SettleStep):
        return _SETTLE
    form = next(form for form in _FORMS if form.record.fits(step))
    return {form.word: form.write(step, _ZONE.key if keep_zone else "")}
