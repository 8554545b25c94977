"""What the user may say of an endpoint, where it does not tell itself or something else is wanted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """What to launch and where; empty: find it out by asking."""

    image_id: str = ""
    instance_type: str = ""
    zones: tuple[str, ...] = ()
    """The zones to use, in order: the scenario's zone n is the nth."""

    def __bool__(self) -> bool:
        return bool(self.image_id or self.instance_type or self.zones)


NOTHING_TOLD = Told()
