"""A live account behind the gate, as a target that removes what each scenario made."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from ..adapter.arguments import Image
from ..adapter.ec2_target import Ec2Target
from ..adapter.target import Alive, Cleared, Patience
from .gate import Gate
from .sweep import Sweep

PATIENCE: Final = Patience(polls=60, first_pause=0.5, factor=1.6, longest_pause=15.0)
"""About a quarter of an hour: most transitions take less than a minute, but a stop may take several."""


def gated_target(
    gate: Gate,
    *,
    name: str,
    zones: tuple[str, ...],
    image: Image,
    subnets: Mapping[str, str] | None = None,
    on_close: Callable[[], object] | None = None,
) -> Ec2Target:
    """Return a target for the account behind a gate; it removes what each scenario made."""
    return Ec2Target(
        gate,
        name=name,
        clock=gate.clock,
        patience=PATIENCE,
        zones=zones,
        image=image,
        subnets=subnets,
        tokens=False,  # the journal finds what a launch made by the token of that launch
        on_clear=partial(_swept, Sweep(gate)),
        on_close=on_close,
    )


def _swept(sweep: Sweep, alive: Alive) -> Cleared:  # noqa: ARG001 - the journal knows more than the scenario
    """Remove whatever the run made, by its journal; the limits of the sandbox file count those calls themselves."""
    sweep.try_once()
    return Cleared()
