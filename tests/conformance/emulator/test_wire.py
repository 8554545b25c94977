"""EC2's Query protocol: for every operation that botocore knows, it reads what botocore writes, and the other way."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from ec2_lifecycle.conformance.emulator.wire import encode, services
from ec2_lifecycle.conformance.emulator.wire.decode import arguments_of
from ec2_lifecycle.conformance.emulator.wire.errors import WrongRequest
from ec2_lifecycle.conformance.emulator.wire.http import Signer, signer_of

TEXTS = ("", "a", "<&>\"'", "ü 語", " spaced ", "line\nbreak", "\r\n")


def operations() -> Iterator[OperationModel]:
    for service in services.SERVICES:
        for name in sorted(services.methods_of(service)):
            yield services.operation_of(service, name)


def value_of(shape: Shape, draw: random.Random, depth: int = 0) -> Any:  # noqa: ANN401 - whatever the shape is
    if isinstance(shape, StructureShape):
        chosen = [key for key in shape.members if key in shape.required_members or (depth < 5 and draw.random() < 0.5)]
        if not chosen and depth:  # a structure without members leaves no trace in a request
            chosen = [next(iter(shape.members))]
        return {key: value_of(shape.members[key], draw, depth + 1) for key in chosen}
    if isinstance(shape, ListShape):
        return [value_of(shape.member, draw, depth + 1) for _ in range(draw.randint(1, 12) if depth < 3 else 1)]
    return SCALARS.get(shape.type_name, lambda _: draw.choice(TEXTS))(draw)


SCALARS: dict[str, Callable[[random.Random], Any]] = {
    "boolean": lambda draw: draw.random() < 0.5,
    "integer": lambda draw: draw.randint(-5, 10**6),
    "long": lambda draw: draw.randint(-5, 10**12),
    "float": lambda draw: draw.randint(0, 100) / 4,
    "double": lambda draw: draw.randint(0, 100) / 4,
    "timestamp": lambda draw: datetime.fromtimestamp(draw.randint(0, 2_000_000_000), UTC),
    "blob": lambda draw: draw.randbytes(draw.randint(0, 9)),
}


def has_map(shape: Shape | None, depth: int = 0) -> bool:
    """EC2 and GetCallerIdentity have no maps; some of the other operations of STS do."""
    match shape:
        case MapShape():
            return True
        case StructureShape():
            return depth < 6 and any(has_map(member, depth + 1) for member in shape.members.values())
        case ListShape():
            return has_map(shape.member, depth + 1)
        case _:
            return False


@pytest.mark.parametrize("seed", range(3))
def test_what_botocore_writes_is_read_as_it_was(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - what is drawn is no secret
    serializer: Any = create_serializer(services.service(services.EC2).protocol, include_validation=False)
    read = 0
    for operation in operations():
        if operation.service_model.service_name != services.EC2 or operation.input_shape is None:
            continue
        sent = value_of(operation.input_shape, draw)
        form = serializer.serialize_to_request(sent, operation)["body"]
        assert arguments_of(operation, ((name, as_text(value)) for name, value in form.items())) == sent
        read += 1
    assert read > 700


def as_text(value: object) -> str:
    """What urlencode makes of a value."""
    return value.decode() if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_written_botocore_reads_as_it_was(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - what is drawn is no secret
    written = 0
    for operation in operations():
        shape = operation.output_shape
        if has_map(shape):
            continue
        parser: Any = create_parser(operation.service_model.protocol)
        fields: dict[str, Any] = value_of(shape, draw) if shape is not None else {}
        body = encode.reply(operation, fields, "an-id")
        parsed = parser.parse({"status_code": 200, "headers": {}, "body": body}, shape)
        assert parsed.pop("ResponseMetadata")["RequestId"] == "an-id"
        assert parsed == fields, operation.name
        written += 1
    assert written > 700


@pytest.mark.parametrize("service", services.SERVICES)
def test_an_error_is_read_by_botocore(service: str) -> None:
    parser: Any = create_parser(services.service(service).protocol)
    body = encode.error(service, "Some.Code", "it's <wrong> & more\x00", "an-id")
    parsed = parser.parse({"status_code": 400, "headers": {}, "body": body}, None)
    assert parsed["Error"]["Code"] == "Some.Code"
    assert parsed["Error"]["Message"] == "it's <wrong> & more�"  # no XML holds the last character
    assert parsed["ResponseMetadata"]["RequestId"] == "an-id"


def test_an_empty_list_is_empty() -> None:
    terminate = services.operation_of(services.EC2, "TerminateInstances")
    assert arguments_of(terminate, [("InstanceId", "")]) == {"InstanceIds": []}
    assert arguments_of(terminate, []) == {"InstanceIds": []}


def test_numbers_give_the_order_of_a_list_gaps_or_not() -> None:
    terminate = services.operation_of(services.EC2, "TerminateInstances")
    fields = [(f"InstanceId.{number}", f"i-{number}") for number in (10, 2, 7)]
    assert arguments_of(terminate, fields) == {"InstanceIds": ["i-2", "i-7", "i-10"]}


@pytest.mark.parametrize(
    ("operation", "fields", "code", "message"),
    [
        ("TerminateInstances", {"Foo": "1"}, "UnknownParameter", "The parameter Foo is not recognized"),
        (
            "TerminateInstances",
            {"InstanceId.x": "i"},
            "UnknownParameter",
            "The parameter InstanceId.x is not recognized",
        ),
        ("TerminateInstances", {"InstanceId.01": "i"}, "UnknownParameter", "InstanceId.01 is not recognized"),
        ("TerminateInstances", {"InstanceId.0": "i"}, "UnknownParameter", "InstanceId.0 is not recognized"),
        ("TerminateInstances", {"InstanceId": "i"}, "UnknownParameter", "The parameter InstanceId is not recognized"),
        ("TerminateInstances", {"InstanceId.1.Foo": "i"}, "UnknownParameter", "InstanceId.1.Foo is not recognized"),
        ("TerminateInstances", {"DryRun": "maybe"}, "InvalidParameterValue", "Value (maybe) for parameter DryRun"),
        ("RunInstances", {"MaxCount": "1"}, "MissingParameter", "The request must contain the parameter MinCount"),
        ("RunInstances", {"MaxCount": "1.5", "MinCount": "1"}, "InvalidParameterValue", "(1.5) for parameter MaxCount"),
        ("RunInstances", {"MaxCount": "9" * 99, "MinCount": "1"}, "InvalidParameterValue", "for parameter MaxCount"),
        ("DescribeInstances", {"Filter.1.Name.2": "x"}, "UnknownParameter", "Filter.1.Name.2 is not recognized"),
        ("ModifyInstanceAttribute", {}, "MissingParameter", "The request must contain the parameter InstanceId"),
        (
            "RequestSpotInstances",
            {"ValidFrom": "yesterday-ish"},
            "InvalidParameterValue",
            "Value (yesterday-ish) for parameter ValidFrom",
        ),
    ],
)
def test_what_is_wrong_with_a_request_is_said(operation: str, fields: dict[str, str], code: str, message: str) -> None:
    with pytest.raises(WrongRequest) as wrong:
        arguments_of(services.operation_of(services.EC2, operation), fields.items())
    assert wrong.value.code == code
    assert message in wrong.value.message


def test_a_value_and_more_names_behind_one_name_are_refused() -> None:
    modify = services.operation_of(services.EC2, "ModifyInstanceAttribute")
    with pytest.raises(WrongRequest, match="not recognized"):
        arguments_of(modify, [("InstanceId", "i"), ("DisableApiStop", "x"), ("DisableApiStop.Value", "true")])


def test_a_signature_tells_who_and_where() -> None:
    header = "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=f"
    assert signer_of(header) == Signer("AKID", "eu-west-1", "ec2")
    assert signer_of("", "AKID/20260101/eu-west-1/sts/aws4_request") == Signer("AKID", "eu-west-1", "sts")
    assert signer_of("Bearer x") == Signer()
    assert signer_of("") == Signer()
