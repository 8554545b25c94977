"""Calls that overlap in time: which of them EC2 served first, nobody can tell."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .calls import ids_in, is_read


@dataclass(eq=False, slots=True)
class OpenCall:
    """A call under way; `others` are those that were under way at some moment of it."""

    name: str
    ids: frozenset[str]
    sent: float
    others: "list[OpenCall]" = field(default_factory=list["OpenCall"])
    landed: bool = False

    @property
    def reads(self) -> bool:
        """Whether it changes nothing of which the specification speaks."""
        return is_read(self.name)


@dataclass(slots=True)
class OpenCalls:
    """The calls under way. Whoever uses it holds a lock."""

    _under_way: list[OpenCall] = field(default_factory=list[OpenCall])

    def begin(self, name: str, sent: object, now: float) -> OpenCall:
        """Note that a call is sent."""
        open_call = OpenCall(name, frozenset(ids_in(sent)), now, list(self._under_way))
        for other in self._under_way:
            other.others.append(open_call)
        self._under_way.append(open_call)
        return open_call

    def land(self, open_call: OpenCall, ids: Iterable[str]) -> frozenset[str]:
        """Note that a call is over, and return those of its ids of which its reply says nothing for sure.

        A change met another change of the same thing, and either may have come first;
        or something was read while it changed, or while a reply that was judged already read it.
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
