"""Decides which resources belong to a run: only those whose creation is in its journal, whatever their tags."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

from ..adapter.reply_parts import Reply, items, part, text
from .journal import VOLUME, Record

RUN: Final = "ec2-lifecycle:run"
TOKEN: Final = "ec2-lifecycle:token"  # noqa: S105 - the name of a tag
EXPIRES: Final = "ec2-lifecycle:expires"

Arguments: TypeAlias = dict[str, Any]

_PAGE: Final = 500
_MALFORMED: Final = ("Malformed", "NotFound", "InvalidParameter")


def tags(record: Record, token: str, kinds: Iterable[str]) -> list[Arguments]:
    """Return the TagSpecifications for resources created under a token."""
    named = {RUN: record.began.run, TOKEN: token, EXPIRES: record.began.expires.isoformat()}
    each = [{"Key": key, "Value": value} for key, value in named.items()]
    return [{"ResourceType": kind, "Tags": each} for kind in kinds]


def own_token(record: Record, resource: Reply, real_id: str) -> str | None:
    """Return the token under which the run made a described resource; None if it did not make it.

    A resource that the journal names belongs to the run. Otherwise a reply was lost: its tags must have a token of
    the journal whose resources are not all known.
    An instance must also show that client token, which nobody can copy as they can copy a tag.
    A volume shows none, but must not be attached to an instance of someone else.
    """
    if real_id in record.made:
        return record.made[real_id]
    tagged = {text(tag, "Key", "a tag"): text(tag, "Value", "a tag") for tag in items(resource, "Tags", "a resource")}
    token = tagged.get(TOKEN, "")
    if tagged.get(RUN) != record.began.run or not record.may_have_made(token, real_id):
        return None
    if real_id.startswith(VOLUME):
        is_own = all(holder in record.made for holder in holders_of(resource))
    else:
        is_own = text(resource, "ClientToken", "a resource") == token
    return token if is_own else None


def holders_of(volume: Reply) -> list[str]:
    """Return the instances in the attachments of a described volume."""
    return [text(each, "InstanceId", "an attachment") for each in items(volume, "Attachments", "a volume")]


def instances_in(reply: Reply) -> Iterator[Reply]:
    """Yield the instances of a description."""
    for reservation in items(reply, "Reservations", "the reply"):
        yield from items(reservation, "Instances", "a reservation")


def state_of(instance: Reply) -> str:
    """Return the name of an instance's state."""
    return text(part(instance, "State", "an instance"), "Name", "a state")


def shows_nothing(code: str) -> bool:
    """Tell whether the error code of a description says that no resource has the id."""
    return any(word in code for word in _MALFORMED)


def tagged_with(record: Record) -> Arguments:
    """Return the arguments that describe everything with the tag of a run."""
    return {"Filters": [{"Name": f"tag:{RUN}", "Values": [record.began.run]}], "MaxResults": _PAGE}
