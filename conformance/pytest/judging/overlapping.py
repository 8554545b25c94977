"""Calls that overlap in time, so that their order at EC2 is unknown."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .calls import ids_in, is_read


@dataclass(eq=False, slots=True)
class OpenCall:
    """A call in progress; `others` are the calls that overlapped with it."""

    name: str
    ids: frozenset[str]
    sent: float
    others: "list[OpenCall]" = field(default_factory=list["OpenCall"])
    landed: bool = False

    @property
    def reads(self) -> bool:
        """Whether it changes nothing in the specification."""
        return is_read(self.name)


@dataclass(slots=True)
class OpenCalls:
    """The calls in progress. The caller must hold a lock."""

    _under_way: list[OpenCall] = field(default_factory=list[OpenCall])

    def begin(self, name: str, sent: object, now: float) -> OpenCall:
        """Record that a call is sent."""
        open_call = OpenCall(name, frozenset(ids_in(sent)), now, list(self._under_way))
        for other in self._under_way:
            other.others.append(open_call)
        self._under_way.append(open_call)
        return open_call

    def land(self, open_call: OpenCall, ids: Iterable[str]) -> frozenset[str]:
        """Record the end of a call, and return those of its ids about which its reply proves nothing.

        Two changes of the same thing overlapped, in unknown order;
        or something was read while it changed, or while another read of it had already been judged.
        """
        self._under_way.remove(open_call)
        open_call.landed = True
        open_call.ids = frozenset(ids)
        return frozenset(
            i
            for other in open_call.others
            if (not other.reads or (open_call.reads and other.landed))
            for i in open_call.ids & other.ids
        )
