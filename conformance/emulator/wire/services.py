"""The supported services, as botocore describes them: operations, shapes and names on the wire.

No library implements the server side of the protocol. moto's parser and serializer are internal and bound to
its own exceptions, and its serializer takes 370 µs for one described instance: more than all the rest of
an answer here.
"""

from functools import cache
from typing import Any, Final

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

EC2: Final = "ec2"
STS: Final = "sts"
SERVICES: Final = (EC2, STS)


@cache
def service(name: str) -> ServiceModel:
    """Return botocore's description of a service; it takes a tenth of a second the first time."""
    # botocore-stubs has no type for what a loader returns.
    description: Any = Loader().load_service_model(name, "service-2")  # pyright: ignore[reportUnknownMemberType]
    return ServiceModel(description, name)


def version_of(name: str) -> str:
    """Return the API version of a service, as requests carry it."""
    return service(name).api_version


@cache
def methods_of(name: str) -> dict[str, str]:
    """Return the operations of a service, each with the name of boto3's method for it."""
    return {operation: xform_name(operation) for operation in service(name).operation_names}


@cache
def operation_of(name: str, operation: str) -> OperationModel:
    """Return the description of an operation that the service has."""
    return service(name).operation_model(operation)
