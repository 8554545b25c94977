"""The time that freezegun or time-machine shows to the program under test, instead of this machine's time."""

import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any


def mover() -> Callable[[float], object] | None:
    """Return a function that moves the faked time forward by some seconds; None if no library fakes the time now.

    Neither library is imported here. It can fake the time only after the program itself imported it.
    """
    frozen: list[Any] = getattr(sys.modules.get("freezegun.api"), "freeze_factories", [])
    if frozen:
        # `tick` would forget the time that has passed since the last one, where time runs.
        return lambda seconds: frozen[-1].move_to(frozen[-1]() + timedelta(seconds=seconds))
    machine = sys.modules.get("time_machine")
    travelling: list[Any] = getattr(machine, "traveller_stack", None) or getattr(machine, "coordinates_stack", [])
    return travelling[-1].shift if travelling else None
