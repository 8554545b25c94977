"""Which resources are a run's own: those whose making its journal has, and no others, whatever tags they carry."""

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
    """Return the tags of what is made under a token, as a request has them."""
    named = {RUN: record.began.run, TOKEN: token, EXPIRES: record.began.expires.isoformat()}
    each = [{"Key": key, "Value": value} for key, value in named.items()]
    return [{"ResourceType": kind, "Tags": each} for kind in kinds]


def own_token(record: Record, resource: Reply, real_id: str) -> str | None:
    """Return the token under which the run made a resource that was described; None where it did not.

    What the journal names is the run's own. Otherwise the tags must have a token of the journal of which not all is
    known that it made: a reply was lost.
    EC2 tells an instance's own client token too, which nobody can copy as a tag can be: it must be that token.
    A volume has none, but another's instance does not hold what a launch of ours has just brought.
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
    """Return the instances that a volume is attached to, as it was described."""
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
    """Return the arguments of a description of all that carries the tag of a run."""
    return {"Filters": [{"Name": f"tag:{RUN}", "Values": [record.began.run]}], "MaxResults": _PAGE}
