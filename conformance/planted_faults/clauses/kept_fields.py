"""Faults in the fields of instances that EC2 keeps and shows again, and in descriptions that name no instance."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from ....model.requests import Operation
from ....model.states import InstanceState
from ...adapter.arguments import ZONE_FILTER
from ..fault import Fault
from ..faulty_ec2 import Interceptors, describing, intercepting, rewriting
from ..replies import Interceptor, Original, Reply, instances_of

_STOPPED: Final = InstanceState.STOPPED
_TERMINATED: Final = InstanceState.TERMINATED
_DESCRIBE: Final = Operation.DESCRIBE
_RESERVATION: Final = "ReservationId"
_LAUNCHED: Final = "LaunchTime"


def _setting(field: str, value: str) -> Callable[[Reply], None]:
    def change(instance: Reply) -> None:
        instance[field] = value

    return change


def _without(field: str) -> Callable[[Reply], None]:
    def change(instance: Reply) -> None:
        instance.pop(field, None)

    return change


def _of_another_type(reply: Reply) -> None:
    for instance in reply["Instances"]:
        instance["InstanceType"] = "m1.small"


def _with_each_reply(operations: Iterable[Operation], change: Callable[[Reply], object]) -> Interceptors:
    """Change every reply of these operations in the same way."""

    def answer(ec2: Original, sent: Reply) -> Reply:
        reply = deepcopy(ec2.call(**sent))
        change(reply)
        return reply

    return dict.fromkeys(operations, answer)


def _a_new_reservation_each_time() -> Interceptors:
    numbers = count(1)

    def change(reply: Reply) -> None:
        for reservation in reply["Reservations"]:
            reservation[_RESERVATION] = f"r-{next(numbers):017x}"

    return _with_each_reply((Operation.DESCRIBE,), change)


def _apart(reply: Reply) -> None:
    """Give each instance a reservation of its own."""
    reply["Reservations"] = [
        {**reservation, _RESERVATION: f"r-{instance['InstanceId'][2:]}", "Instances": [instance]}
        for reservation in reply["Reservations"]
        for instance in reservation["Instances"]
    ]


def _all_in_one() -> Interceptors:
    """Put every launch into the same reservation."""

    def change(reply: Reply) -> None:
        for reservation in reply.get("Reservations", [reply]):
            reservation[_RESERVATION] = "r-0123456789abcdef0"

    return _with_each_reply((Operation.RUN, Operation.DESCRIBE), change)


def _as_of_now() -> Interceptors:
    """Show the time of the look in the place of the LaunchTime."""
    times = count(1)

    def change(reply: Reply) -> None:
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=next(times))
        for instance in instances_of(reply):
            instance[_LAUNCHED] = now

    return _with_each_reply((Operation.DESCRIBE,), change)


def _as_of_first() -> Mapping[Operation, Interceptor]:
    """Show the LaunchTime of the first look for ever, as if no start set it."""
    first: dict[str, object] = {}

    def change(reply: Reply) -> None:
        for instance in instances_of(reply):
            instance[_LAUNCHED] = first.setdefault(instance["InstanceId"], instance[_LAUNCHED])

    return _with_each_reply((Operation.DESCRIBE,), change)


def _as_of_the_stop(instance: Reply) -> None:
    """Show a later LaunchTime of a stopped instance, as if the stop set it."""
    instance[_LAUNCHED] += timedelta(hours=1)


def _without_filters(ec2: Original, sent: Reply) -> Reply:
    return ec2.call(**{key: value for key, value in sent.items() if key != "Filters"})


def _first_value_only(ec2: Original, sent: Reply) -> Reply:
    filters = [{**one, "Values": one["Values"][:1]} for one in sent.get("Filters", ())]
    return ec2.call(**{**sent, "Filters": filters}) if filters else ec2.call(**sent)


def _last_filter_only(ec2: Original, sent: Reply) -> Reply:
    return ec2.call(**{**sent, "Filters": sent["Filters"][-1:]}) if sent.get("Filters") else ec2.call(**sent)


def _without_zones(ec2: Original, sent: Reply) -> Reply:
    filters = [one for one in sent.get("Filters", ()) if one["Name"] != ZONE_FILTER]
    return ec2.call(**{**sent, "Filters": filters})


def _ids_or_filters(ec2: Original, sent: Reply) -> Reply:
    return _without_filters(ec2, sent) if sent.get("InstanceIds") else ec2.call(**sent)


def _hiding_the_dead(ec2: Original, sent: Reply) -> Reply:
    """Leave terminated instances out of a description that names none."""
    reply = deepcopy(ec2.call(**sent))
    if not sent.get("InstanceIds") and not sent.get("Filters"):
        for reservation in reply["Reservations"]:
            alive = [one for one in reservation["Instances"] if one["State"]["Name"] != _TERMINATED.value]
            reservation["Instances"] = alive
    return reply


def _one_page(ec2: Original, sent: Reply) -> Reply:
    """List only the launch that comes last."""
    reply = deepcopy(ec2.call(**sent))
    if not sent.get("InstanceIds"):
        reply["Reservations"] = reply["Reservations"][-1:]
    return reply


KEPT_FAULTS: Final = (
    Fault("RUN-6", "the type of the launch is disregarded", rewriting(Operation.RUN, _of_another_type)),
    Fault("RUN-6", "a description shows another type", describing(_setting("InstanceType", "m1.small"))),
    Fault("RUN-6", "a stopped instance has another type", describing(_setting("InstanceType", "m1.small"), _STOPPED)),
    Fault("RUN-6", "a description shows another image", describing(_setting("ImageId", "ami-0fedcba9876543210"))),
    Fault("RUN-6", "a terminated instance has no image", describing(_without("ImageId"), _TERMINATED)),
    Fault("RUN-7", "the ReservationId is a new one at each look", intercepting(_a_new_reservation_each_time)),
    Fault("RUN-7", "each instance is in a reservation of its own", rewriting(Operation.DESCRIBE, _apart)),
    Fault("RUN-7", "every launch is in one reservation", intercepting(_all_in_one)),
    Fault("DESC-4", "the LaunchTime is the time of the look", intercepting(_as_of_now)),
    Fault("DESC-4", "a stop changes the LaunchTime", describing(_as_of_the_stop, _STOPPED)),
    Fault("LIST-1", "a listing hides terminated instances", intercepting(lambda: {_DESCRIBE: _hiding_the_dead})),
    Fault("LIST-1", "a listing has only the last launch", intercepting(lambda: {_DESCRIBE: _one_page})),
    Fault("LIST-2", "filters are ignored", intercepting(lambda: {_DESCRIBE: _without_filters})),
    Fault("LIST-2", "a filter has only its first value", intercepting(lambda: {_DESCRIBE: _first_value_only})),
    Fault("LIST-2", "of several filters the last one counts", intercepting(lambda: {_DESCRIBE: _last_filter_only})),
    Fault("LIST-2", "the filter by zone is ignored", intercepting(lambda: {_DESCRIBE: _without_zones})),
    Fault("LIST-2", "filters are ignored beside ids", intercepting(lambda: {_DESCRIBE: _ids_or_filters})),
    Fault("START-11", "a start leaves the LaunchTime as it was", intercepting(_as_of_first)),
)
