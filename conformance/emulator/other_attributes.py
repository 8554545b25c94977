"""The attributes of an instance that the specification does not hold: how they are read, and how two of them change."""

from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from ...model.requests import Operation
from .extra_fields import ExtraFields
from .refusals import rejected
from .variation import Fields
from .wire.ec2_errors import Ec2Error

TYPE: Final = "instanceType"
USER_DATA: Final = "userData"
READABLE: Final[Mapping[str, str]] = {
    TYPE: "InstanceType",
    USER_DATA: "UserData",
    "ebsOptimized": "EbsOptimized",
    "groupSet": "Groups",
    "kernel": "KernelId",
    "productCodes": "ProductCodes",
    "ramdisk": "RamdiskId",
    "rootDeviceName": "RootDeviceName",
    "sourceDestCheck": "SourceDestCheck",
    "sriovNetSupport": "SriovNetSupport",
}
"""The attributes that can be read, each with its field in the reply."""
CHANGEABLE: Final = (TYPE, USER_DATA)
"""Those that can be changed while the instance is stopped (E-14)."""
_KEPT: Final = ("ebsOptimized", "sourceDestCheck")
"""Those that a lenient model changes too, whatever the state."""
_SENT_AS: Final[Mapping[str, str]] = {
    "InstanceType": TYPE,
    "UserData": USER_DATA,
    "EbsOptimized": "ebsOptimized",
    "Groups": "groupSet",
    "Kernel": "kernel",
    "Ramdisk": "ramdisk",
    "SourceDestCheck": "sourceDestCheck",
    "SriovNetSupport": "sriovNetSupport",
}
"""The parameters of ModifyInstanceAttribute that have such an attribute."""


def value_of(name: str, extra: ExtraFields, description: Fields) -> Fields:
    """Return a readable attribute as a field of the reply; one that is not set is empty."""
    values: dict[str, object] = {
        TYPE: {"Value": extra.instance_type},
        USER_DATA: {"Value": extra.user_data} if extra.user_data else {},
        "ebsOptimized": {"Value": description["EbsOptimized"]},
        "groupSet": [{"GroupId": group["GroupId"]} for group in description["SecurityGroups"]],
        "productCodes": [],
        "rootDeviceName": {"Value": extra.image.root_device_name},
        "sourceDestCheck": {"Value": description.get("SourceDestCheck", True)},
    }
    return {READABLE[name]: values.get(name, {})}


def named_in(sent: Mapping[str, Any]) -> str | None:
    """Return the one such attribute that ModifyInstanceAttribute is to change, or None if it is to change others."""
    named = [_SENT_AS[key] for key in sent if key in _SENT_AS]
    if sent.get("Attribute") in READABLE:
        named.append(sent["Attribute"])
    return named[0] if named else None


def changed(name: str, sent: Mapping[str, Any], extra: ExtraFields, types: Collection[str] | None) -> ExtraFields:
    """Return the fields of an instance after the change of an attribute; raises `ClientError`.

    `types` are the instance types that there are; None: the model is lenient, and accepts more.
    """
    operation = Operation.MODIFY
    if name not in CHANGEABLE and not (types is None and name in _KEPT):
        raise rejected(operation, Ec2Error.ATTRIBUTE_STAYS, name=name)
    value = _value(sent, READABLE[name])
    if value is None:
        raise rejected(operation, Ec2Error.MISSING, name="Value")
    if name in _KEPT:
        return replace(extra, shown={**extra.shown, READABLE[name]: value in {True, "true"}})
    if name == USER_DATA:
        # The parameter UserData is bytes; as the `Value` of an `Attribute` it is base64 already.
        return replace(extra, user_data=b64encode(value).decode() if isinstance(value, bytes) else str(value))
    if types is not None and value not in types:
        raise rejected(operation, Ec2Error.UNKNOWN_TYPE, name=value)
    return replace(extra, instance_type=str(value))


def _value(sent: Mapping[str, Any], parameter: str) -> object:
    """Return the new value, sent in either of the two forms."""
    own: Mapping[str, Any] = sent.get(parameter) or {}
    return own.get("Value", sent.get("Value"))
