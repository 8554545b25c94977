"""Finds where a target launches: its zones, and the subnets that a launch has to name."""

from collections.abc import Iterable, Mapping
from typing import Final

from ..adapter.ec2_target import Client
from ..adapter.reply_parts import Reply, items, required, structure, text
from .discover import ZONES_UNKNOWN

_DEFAULT: Final = "default"


def zones_and_subnets(client: Client, zones: tuple[str, ...]) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Return the zones, and the subnets to launch into by zone, for a client that listed these zones.

    If it listed none, the zones are those of its subnets.
    A launch has to name a subnet if the zone has no default one. Every error counts as no subnets.
    """
    try:
        found = items(structure(client.describe_subnets(), "the reply"), "Subnets", "the reply")
        by_zone = {zone: _subnets_in(found, zone) for zone in _zones_of_subnets(found)}
    except Exception:  # noqa: BLE001 - see above
        return zones, {}
    used = tuple(by_zone) or ZONES_UNKNOWN if zones == ZONES_UNKNOWN else zones
    named = {zone: there[0] for zone, there in by_zone.items() if zone in used and _DEFAULT not in there}
    if any(_DEFAULT in there for there in by_zone.values()):
        return used, named
    # Without any default subnet, a zone without subnets cannot be launched into.
    return tuple(zone for zone in used if zone in named) or used, named


def _zones_of_subnets(subnets: Iterable[Reply]) -> list[str]:
    return sorted({zone for subnet in subnets if (zone := text(subnet, "AvailabilityZone", "a subnet"))})


def _subnets_in(subnets: Iterable[Reply], zone: str) -> list[str]:
    """Return the ids of the subnets of a zone, in order; `_DEFAULT` stands for the default one."""
    there = [subnet for subnet in subnets if text(subnet, "AvailabilityZone", "a subnet") == zone]
    return sorted(
        _DEFAULT if subnet.get("DefaultForAz") is True else required(subnet, "SubnetId", "a subnet") for subnet in there
    )
