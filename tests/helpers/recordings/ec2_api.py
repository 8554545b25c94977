"""EC2's API as botocore describes it: the operations, and the parts of their parameters and replies."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import botocore.session
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

METADATA: Final = "ResponseMetadata"


@cache
def _service() -> ServiceModel:
    return botocore.session.get_session().get_service_model("ec2")


@cache
def operations() -> frozenset[str]:
    """Return the names of EC2's operations."""
    return frozenset(_service().operation_names)


def members(shape: Shape | None) -> Mapping[str, Shape]:
    """Return the parts of a structure."""
    return shape.members if isinstance(shape, StructureShape) else {}


def parameters_of(name: str) -> Mapping[str, Shape]:
    """Return the parameters of an operation."""
    return members(_service().operation_model(name).input_shape)


def reply_of(name: str) -> StructureShape | None:
    """Return the shape of the reply to an operation; None: it has no parts."""
    shape = _service().operation_model(name).output_shape
    return shape if isinstance(shape, StructureShape) else None


def as_boto3(shape: Shape, value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return part of a CloudTrail event as boto3 would show it: named by the API's model, lists without `items`."""
    if isinstance(shape, StructureShape):
        wire = {member: part.serialization.get("name", member) for member, part in shape.members.items()}
        return {m: as_boto3(part, value[wire[m]]) for m, part in shape.members.items() if wire[m] in value}
    if isinstance(shape, ListShape):
        return [as_boto3(shape.member, item) for item in value.get("items", value.get("item", []))]
    return value
