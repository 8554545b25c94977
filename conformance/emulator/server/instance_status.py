"""DescribeInstanceStatus: only running instances, unless all are requested (D-04)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ....model.states import InstanceState
from ....model.world import Instance, InstanceRecord
from .. import filters, pagination
from ..client import ModelClient
from ..refusals import rejected
from ..variation import Fields
from ..wire.ec2_errors import Ec2Error

_OPERATION: Final = "DescribeInstanceStatus"
_MOST_IDS: Final = 100
_FILTERS: Final[Mapping[str, filters.Getter]] = {
    **dict.fromkeys(
        (
            *("event.code", "event.description", "event.instance-event-id"),
            *("event.not-after", "event.not-before", "event.not-before-deadline"),
        ),
        filters.nothing,
    ),
    "availability-zone": filters.field("AvailabilityZone"),
    "instance-state-code": lambda item: [str(item["InstanceState"]["Code"] & 0xFF)],
    "instance-state-name": filters.field("InstanceState", "Name"),
    "instance-status.reachability": lambda item: filters.each_of("Details", "Status")(item["InstanceStatus"]),
    "instance-status.status": filters.field("InstanceStatus", "Status"),
    "operator.managed": filters.always("false"),
    "operator.principal": filters.nothing,
    "system-status.reachability": lambda item: filters.each_of("Details", "Status")(item["SystemStatus"]),
    "system-status.status": filters.field("SystemStatus", "Status"),
}


@dataclass(frozen=True, slots=True)
class Statuses:
    """DescribeInstanceStatus of one region, as a boto3 method."""

    client: ModelClient

    def describe_instance_status(
        self,
        *,
        InstanceIds: Sequence[str] = (),  # noqa: N803
        IncludeAllInstances: bool = False,  # noqa: N803
        **sent: Any,  # noqa: ANN401 - boto3's keyword arguments
    ) -> Fields:
        """Return the status of the given instances, or of all."""
        if len(InstanceIds) > _MOST_IDS:
            raise rejected(_OPERATION, Ec2Error.TOO_MANY_STATUSES, count=len(InstanceIds))
        pagination.check_no_size(_OPERATION, InstanceIds, sent)
        if InstanceIds:  # wrong ids give the same errors as in DescribeInstances
            self.client.describe_instances(InstanceIds=InstanceIds)
        self.client.simulation.advance()
        account = self.client.simulation.account
        named = list(dict.fromkeys(map(Instance, InstanceIds)))
        page, token = pagination.page_of(_OPERATION, named, account.instances, sent)
        seen = self.client.seen_by(_OPERATION, named)
        records = seen.descriptions.account.instances
        shown = self.client.descriptions.variation.shuffled(
            [
                i
                for i in named or page
                if account.is_visible(i)
                and i not in seen.unknown
                and (IncludeAllInstances or records[i].state is InstanceState.RUNNING)
            ]
        )

        def status(i: Instance) -> Fields:
            return self._status(i, records[i])

        fitting = filters.apply_filters(_OPERATION, sent.get("Filters"), shown, status, _FILTERS)
        return self.client.descriptions.page(token, InstanceStatuses=[status(i) for i in fitting])

    def _status(self, i: Instance, record: InstanceRecord) -> Fields:
        running = record.state is InstanceState.RUNNING
        status: Fields = {"Status": "ok" if running else "not-applicable"}
        if running:
            status["Details"] = [{"Name": "reachability", "Status": "passed"}]
        return {
            "InstanceId": i,
            "AvailabilityZone": record.zone,
            "InstanceState": self.client.descriptions.variation.state(record.state),
            "InstanceStatus": status,
            "SystemStatus": status,
        }
