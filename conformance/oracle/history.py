"""What happened to each instance and volume so far: whom to blame, and how long ago it was."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...model.requests import Attribute, Operation, Request
from ...model.world import Instance, Volume
from .belief import Records


@dataclass(frozen=True, slots=True)
class Touch:
    """The request that last had a say in what becomes of something."""

    step: int
    operation: Operation
    because: str
    state: str
    """The lifecycle state in which it found the instance."""
    sure: bool = True
    """Whether it is known to have been carried out, or not to."""


@dataclass(slots=True)
class History:
    """Times are the target's clock, in seconds."""

    launched: dict[Instance, float] = field(default_factory=dict[Instance, float])
    known_to: defaultdict[Operation, set[Instance]] = field(default_factory=lambda: defaultdict(set))
    """The instances that each operation was seen to know."""
    cleared: dict[Instance, float] = field(default_factory=dict[Instance, float])
    ended: dict[Instance, float] = field(default_factory=dict[Instance, float])
    confirmed: dict[Instance, float] = field(default_factory=dict[Instance, float])
    touched: dict[str, Touch] = field(default_factory=dict[str, Touch])
    """The last request that named an instance or volume, since it was last seen as expected."""
    bystander: Touch | None = None
    """The last request that could have changed anything."""
    seen_after: dict[str, int] = field(default_factory=dict[str, int])
    """The step at which something was last seen as expected."""
    last: dict[str, Touch] = field(default_factory=dict[str, Touch])
    """The last request that had a say in something, kept also after it was seen."""
    modified: dict[tuple[Instance, Attribute], int] = field(default_factory=dict[tuple[Instance, Attribute], int])
    """The attributes that were changed after launch, and the step that last did so."""
    read: dict[tuple[Instance, Attribute], int] = field(default_factory=dict[tuple[Instance, Attribute], int])
    """The step at which a read last showed an attribute as it should be."""
    changes: list[tuple[int, Request]] = field(default_factory=list[tuple[int, Request]])
    """The requests that were to change something, each with its step."""
    refused: dict[tuple[str, str], dict[str, Touch]] = field(default_factory=dict[tuple[str, str], "dict[str, Touch]"])
    """By instance or volume and attribute: for each value that it was not to take, the last refused change to it."""
    held: dict[Instance, list[tuple[float, Records]]] = field(
        default_factory=dict[Instance, "list[tuple[float, Records]]"]
    )
    """What an instance may have been until a request came, with the time; kept only where a read may be stale."""
    asked: dict[str, float] = field(default_factory=dict[str, float])
    """When a request last may have changed something; kept only where a read may be stale."""
    changed: dict[str, float] = field(default_factory=dict[str, float])
    """The same, or when a read first showed that something had changed by itself."""
    misread: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """What looks showed of something that could not be so, by its class: the same look again proves no more."""
    misstating: set[Operation] = field(default_factory=set[Operation])
    """The operations whose replies showed a previous state that no request had brought about."""
    made: dict[Instance, int] = field(default_factory=dict[Instance, int])
    """The step that launched each instance."""

    def touch(self, name: str, touch: Touch, *, lasting: bool) -> None:
        """Note a request that named something; `lasting`: it may have changed it, and is why it is as it is."""
        self.touched[name] = touch
        if lasting or name not in self.last:
            self.last[name] = touch

    def seen(self, names: Iterable[Instance | Volume], step: int) -> None:
        """Note that these were seen as expected."""
        for name in names:
            self.seen_after[name] = step
            self.touched.pop(name, None)

    def shows_again(self, name: str, shown: str) -> bool:
        """Tell whether a look shows once more what could not be so: as before, the state may be wrong, or the look."""
        return shown in self.misread.get(name, ())

    def changed_in_vain(self, name: str, shown: str) -> Touch | None:
        """Return the refused change to what is shown, a class of replies such as `DisableApiStop:true`."""
        attribute, _, value = shown.partition(":")
        return self.refused.get((name, attribute), {}).get(value)

    def only_change_since_read(self, i: Instance, attribute: Attribute) -> tuple[int, Request] | None:
        """Return the only request that can have changed an attribute since it was read as it should be; None: unknown.

        `None` also where it was set later than it was read.
        """
        read = self.read.get((i, attribute))
        if read is None or read < max(self.modified.get((i, attribute), 0), self.made.get(i, 0)):
            return None
        since = [change for change in self.changes if change[0] > read]
        return since[0] if len(since) == 1 else None

    def why(self, name: str, otherwise: str) -> str:
        """Return the clause by which something is as it is."""
        touch = self.last.get(name)
        return otherwise if touch is None else touch.because
