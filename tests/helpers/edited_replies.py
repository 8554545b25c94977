"""Changes to the body of a reply on its way, for `strange_server`."""

import re
from typing import Final

from strange_servers import Asked, Change

from ec2_lifecycle.conformance.emulator.wire.http import HttpReply

EVERY: Final = ""
"""Stands for every action."""
_CODE: Final = re.compile(rb"<Errors>")


def edited(action: str, before: str, after: str) -> Change:
    """Return a change that replaces a pattern in the successes of an action."""

    def change(asked: Asked, reply: HttpReply) -> HttpReply:
        if reply.status != 200 or action not in (asked["Action"], EVERY):
            return reply
        return HttpReply(reply.status, reply.headers, re.sub(before.encode(), after.encode(), reply.body))

    return change


def errors_as_successes(_: Asked, reply: HttpReply) -> HttpReply:
    """Give every error the status of a success."""
    return HttpReply(200, reply.headers, reply.body) if _CODE.search(reply.body) else reply


def successes_as_errors(action: str) -> Change:
    """Return a change that gives the successes of an action the status 400."""

    def change(asked: Asked, reply: HttpReply) -> HttpReply:
        return HttpReply(400, reply.headers, reply.body) if asked["Action"] == action else reply

    return change


def answered(action: str, body: str, status: int = 200) -> Change:
    """Return a change that answers an action with this body."""

    def change(asked: Asked, reply: HttpReply) -> HttpReply:
        return HttpReply(status, reply.headers, body.encode()) if asked["Action"] == action else reply

    return change


def both(one: Change, other: Change) -> Change:
    """Return both changes, one after the other."""

    def change(asked: Asked, reply: HttpReply) -> HttpReply | None:
        changed = one(asked, reply)
        return None if changed is None else other(asked, changed)

    return change
