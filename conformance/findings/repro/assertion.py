"""What a test asserts of a finding: not what the target does, but what EC2 does."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ....model.requests import ErrorCode, LaunchRequest, Operation, TokenError
from ....reports.events import Finding
from .calls import Call, Calls, CannotWrite
from .literals import Code, as_literal

_LISTS: Final = {
    Operation.START: "StartingInstances",
    Operation.STOP: "StoppingInstances",
    Operation.TERMINATE: "TerminatingInstances",
}
_ON_ITS_WAY: Final = {
    "running": ("pending", "running"),
    "stopped": ("stopping", "stopped"),
    "terminated": ("shutting-down", "terminated"),
}
"""The states in which an instance may be that comes to rest in another one."""
_REFUSED_AS_WELL: Final = frozenset(
    {"FRAME-2", "START-7", "STOP-8", "STOP-11", "TERM-3", "TERM-4", "TERM-5", "TERM-11"}
)
"""The clauses about what a request does although EC2 refuses it."""
_TRANSITION_REASON: Final = r"User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)"
_WILDCARD: Final = re.compile(r"\\\{[a-z]+\\\}")


@dataclass(frozen=True, slots=True)
class Assertion:
    """How a test checks a finding: what it does with the blamed call, and the lines that follow the calls."""

    after: tuple[str, ...] = ()
    refused: bool = False
    """Whether EC2 refuses the blamed call, which is what the test asserts."""
    refused_as_well: bool = False
    """Whether EC2 refuses the blamed call, and the test is about what it does nevertheless."""
    before: tuple[str, ...] = ()
    """The lines that come before the call `at`."""
    at: Call | None = None
    keeps: tuple[str, str] | None = None
    """The variable in which the test keeps the reply to the blamed call, and the part of the reply."""


def assertion_of(finding: Finding, calls: Calls) -> Assertion:
    """Return the assertion of a finding; raises `CannotWrite` where its kind has none."""
    make = _ASSERTIONS.get(finding.deviation)
    if make is None or not finding.expected_class:
        raise CannotWrite("there is no short test for this kind of finding.")
    return make(finding, calls)


def blamed(finding: Finding, calls: Calls) -> Call | None:
    """Return the call that the finding blames; None if only a description at the end shows it."""
    return next((call for call in reversed(calls.calls) if call.step == finding.step), None)


def _refusal(finding: Finding, calls: Calls) -> Assertion:
    if blamed(finding, calls) is None:
        raise CannotWrite("only a description at the end of the scenario shows it, and that one is refused.")
    known = (*ErrorCode, *TokenError)
    codes = sorted({code.value for code in known for one in finding.expected if one.startswith(f"{code.value} (")})
    if not codes or ErrorCode.ANY.value in codes:
        return Assertion(refused=True)
    return Assertion((f'assert refused.value.response["Error"]["Code"] {one_of(codes)}',), refused=True)


def _success(finding: Finding, calls: Calls) -> Assertion:
    if blamed(finding, calls) is None:
        raise CannotWrite("only a description at the end of the scenario shows it.")
    if finding.expected_class.startswith("refusal:"):
        return _refusal(finding, calls)
    if finding.expected_class != "success":
        raise CannotWrite("EC2 may refuse the request or not.")
    return Assertion()


def _message(finding: Finding, calls: Calls) -> Assertion:
    (wording,) = finding.expected if len(finding.expected) == 1 else ("",)
    if blamed(finding, calls) is None or not wording or " or " in wording or finding.expected_class != "message:known":
        raise CannotWrite("EC2 has several wordings for it.")
    if '"' in wording:
        raise CannotWrite("EC2's wording has quotation marks.")
    pattern = _WILDCARD.sub("[^'{}]+", re.escape(wording).replace(r"\ ", " ").replace("\\-", "-"))
    return Assertion(
        (
            'message = refused.value.response["Error"]["Message"]',
            f'assert re.fullmatch(r"{pattern}", message)',
        ),
        refused=True,
    )


def _status(finding: Finding, calls: Calls) -> Assertion:
    status = finding.expected_class.removeprefix("status:")
    if blamed(finding, calls) is None or not status.isdecimal():
        raise CannotWrite("there is no short test for this kind of finding.")
    line = f'assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == {status}'
    return Assertion((line,), refused=True)


def _state(finding: Finding, calls: Calls) -> Assertion:
    """The instance is, in the end, in a state in which EC2 has it."""
    topic, states = _topic_and_values(finding.expected_class)
    if topic not in ("state", "rest") or not set(states) <= _ON_ITS_WAY.keys() | {"pending", "stopping"}:
        raise CannotWrite("there is no short test for this kind of finding.")
    permitted = dict.fromkeys(each for state in states for each in _ON_ITS_WAY.get(state, (state,)))
    return Assertion(
        (*described(finding, calls), f'assert instance["State"]["Name"] {one_of([*permitted])}'),
        refused_as_well=finding.clause in _REFUSED_AS_WELL,
    )


def _never(finding: Finding, calls: Calls) -> Assertion:
    """The volumes of terminated instances are released or deleted."""
    if finding.operation != Operation.DESCRIBE_VOLUMES.value or finding.expected_class != "rest:reached":
        return _state(finding, calls)
    requests = [call.request for call in calls.calls if call.request.operation is Operation.TERMINATE]
    ended = dict.fromkeys(i for request in requests for i in request.instances if i in calls.launched)
    if not ended:
        raise CannotWrite("there is no short test for this kind of finding.")
    filters = [{"Name": "attachment.instance-id", "Values": [Code(calls.variable(i)) for i in ended]}]
    return Assertion((f'assert not ec2.describe_volumes(Filters={as_literal(filters)})["Volumes"]',))


def _replied_state(finding: Finding, calls: Calls) -> Assertion:
    call = blamed(finding, calls)
    if call is None or call.request.operation not in _LISTS or finding.instance is None:
        raise CannotWrite("there is no short test for this kind of finding.")
    which = finding.deviation
    _, states = _topic_and_values(finding.expected_class)
    wanted = [state.removeprefix(f"{which}-") for state in states]
    key = f"{which.capitalize()}State"
    return Assertion(
        (
            f'states = {{i["InstanceId"]: i["{key}"]["Name"] for i in reply}}',
            f"assert states[{calls.variable(finding.instance)}] {one_of(wanted)}",
        ),
        keeps=("reply", f'["{_LISTS[call.request.operation]}"]'),
    )


def _attribute(finding: Finding, calls: Calls) -> Assertion:
    name, values = _topic_and_values(finding.expected_class)
    if finding.instance is None or len(values) != 1:
        raise CannotWrite("there is no short test for this kind of finding.")
    value = {"true": "True", "false": "False"}.get(values[0], as_literal(values[0]))
    spelling = name[0].lower() + name[1:]
    ask = f"InstanceId={calls.variable(finding.instance)}, Attribute={as_literal(spelling)}"
    return Assertion(
        (
            f"shown = ec2.describe_instance_attribute({ask})",
            f'assert shown["{name}"]["Value"] == {value}'.replace("== True", "is True").replace("== False", "is False"),
        )
    )


def _field(finding: Finding, calls: Calls) -> Assertion:
    topic, values = _topic_and_values(finding.expected_class)
    if topic == "renewed":
        return _renewed(finding, calls, values)
    launches = finding.operation == Operation.RUN.value
    if launches and finding.step != 0:
        raise CannotWrite("there is no short test for this kind of finding.")
    checks = {
        "shown": [f"assert instance.get({as_literal(each)})" for each in values],
        "missing": [f"assert not instance.get({as_literal(each)})" for each in values],
        "reason": [f'assert instance.get("StateReason", {{}}).get("Code", "none") {one_of(values)}'],
        "transition-reason": [f'assert re.fullmatch(r"{_TRANSITION_REASON}", instance["StateTransitionReason"])'],
        "root": [f'assert instance["RootDeviceType"] {one_of(values)}'],
    }.get(topic)
    if checks is None:
        raise CannotWrite("there is no short test for this kind of finding.")
    if len(checks) > 1:
        sign = "not any" if topic == "missing" else "all"
        checks = [f"fields = {as_literal(values)}", f"assert {sign}(instance.get(field) for field in fields)"]
    if launches:
        return Assertion(tuple(checks), keeps=("instance", '["Instances"][0]'))
    return Assertion((*described(finding, calls), *checks))


def _renewed(finding: Finding, calls: Calls, fields: list[str]) -> Assertion:
    """The instance shows a later time after its last start than before it."""
    start = next((call for call in reversed(calls.calls) if call.request.operation is Operation.START), None)
    if start is None:
        raise CannotWrite("there is no short test for this kind of finding.")
    lines = [*described(finding, calls)]
    return Assertion(
        (*lines, *(f"assert instance[{as_literal(each)}] > before[{as_literal(each)}]" for each in fields)),
        before=(*lines, "before = instance", "time.sleep(2)  # times are in whole seconds"),
        at=start,
    )


def _listed(finding: Finding, calls: Calls) -> Assertion:
    """A launch makes as many instances as it can, or those that its client token has launched."""
    call = blamed(finding, calls)
    if call is None or not isinstance(call.request, LaunchRequest):
        return _described_list(finding, calls)
    launches = [each for each in calls.calls if isinstance(each.request, LaunchRequest) and each.step < call.step]
    match finding.expected_class:
        case "items:in-range":
            least, most = call.arguments["MinCount"], call.arguments["MaxCount"]
            return Assertion((f"assert {least} <= len(launched) <= {most}",), keeps=("launched", '["Instances"]'))
        case "items:as-many-as-possible":
            short = next((each for each in reversed(launches) if each.whole), None)
            if short is not None:
                most = short.arguments["MaxCount"]
                return Assertion((f"assert len({short.binds[0]}) == {most}  # one more launch found capacity",))
        case "items:again" | "items:new" as kind:
            token = str(call.arguments.get("ClientToken", "")).lower()
            before = [each for each in launches if str(each.arguments.get("ClientToken", "")).lower() == token]
            ids = ", ".join(f"*{one}" if each.whole else one for each in before for one in each.binds)
            if token and ids:
                expected = f" == {{{ids}}}" if kind == "items:again" else f".isdisjoint({{{ids}}})"
                line = f'assert {{i["InstanceId"] for i in launched}}{expected}'
                return Assertion((line,), keeps=("launched", '["Instances"]'))
        case _:
            pass
    raise CannotWrite("there is no short test for this kind of finding.")


def _described_list(finding: Finding, calls: Calls) -> Assertion:
    """A description lists an instance once, or not at all."""
    call = blamed(finding, calls)
    if call is None or call.request.operation is not Operation.DESCRIBE or finding.instance is None:
        raise CannotWrite("there is no short test for this kind of finding.")
    instance = calls.variable(finding.instance)
    check = {
        "items:missing": f"assert {instance} in ids",
        "items:listed": f"assert {instance} not in ids",
        "items:repeated": f"assert ids.count({instance}) == 1",
    }.get(finding.observed_class)
    if check is None:
        raise CannotWrite("there is no short test for this kind of finding.")
    ids = 'ids = [i["InstanceId"] for r in described for i in r["Instances"]]'
    return Assertion((ids, check), keeps=("described", '["Reservations"]'))


def _volume(finding: Finding, calls: Calls) -> Assertion:
    """The description of an instance that only its launch gave volumes lists each, with its flag."""
    launches = [call for call in calls.calls if call.request.operation is Operation.RUN]
    if len(launches) != 1 or any(call.request.volume_ids for call in calls.calls if call not in launches):
        raise CannotWrite("there is no short test for this kind of finding.")
    mappings = launches[0].arguments.get("BlockDeviceMappings", [])
    if any("DeleteOnTermination" in mapping["Ebs"] for mapping in mappings):
        raise CannotWrite("there is no short test for this kind of finding.")
    lines = [*described(finding, calls), 'volumes = instance["BlockDeviceMappings"]']
    match finding.expected_class:
        case "device:attached":
            return Assertion((*lines, f"assert len(volumes) == {len(mappings) + 1}  # the root volume counts"))
        case "DeleteOnTermination:True":
            return Assertion((*lines, 'assert all(volume["Ebs"]["DeleteOnTermination"] for volume in volumes)'))
        case _:
            raise CannotWrite("there is no short test for this kind of finding.")


def described(finding: Finding, calls: Calls) -> Iterator[str]:
    """Yield the lines that describe the blamed instance; raises `CannotWrite` if there is none."""
    if finding.instance is None:
        raise CannotWrite("the finding is not about a single instance.")
    yield f"described = ec2.describe_instances(InstanceIds=[{calls.variable(finding.instance)}])"
    yield 'instance = described["Reservations"][0]["Instances"][0]'


def _topic_and_values(kind: str) -> tuple[str, list[str]]:
    """Return the topic of a class, and what its alternatives say of it."""
    parts = [one.partition(":") for one in kind.split("|")]
    return parts[0][0], [value for _, _, value in parts]


def one_of(words: list[str]) -> str:
    """Return the comparison with a word, or with several."""
    return f"== {as_literal(words[0])}" if len(words) == 1 else f"in {as_literal(words)}"


_ASSERTIONS: Final[Mapping[str, Callable[[Finding, Calls], Assertion]]] = {
    "granted": _refusal,
    "code": _refusal,
    "refused": _success,
    "crash": _success,
    "message": _message,
    "status": _status,
    "effect": _state,
    "never": _never,
    "current": _replied_state,
    "previous": _replied_state,
    "attribute": _attribute,
    "field": _field,
    "listed": _listed,
    "volume": _volume,
}
"""By the kind of deviation."""
