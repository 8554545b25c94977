"""The specification as a boto3-shaped EC2 client: one account in one region."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Final, Unpack

from ...model.background import StepName
from ...model.choices import REPEATS, Repeats
from ...model.requests import BatchRequest, Caller, Operation
from ...model.states import InstanceState, ShutdownBehavior
from ...model.world import Instance, Volume
from . import devices, filters, other_attributes, pagination, request_parsing
from .call_arguments import BatchCall, DescribeAttributeCall, DescribeCall, ModifyAttributeCall
from .launch_operations import LaunchOperations
from .launch_parameters import types_of
from .place_operations import PlaceOperations
from .refusals import rejected
from .simulation import Answer
from .variation import Fields
from .volume_operations import VolumeOperations
from .wire.ec2_errors import Ec2Error

PUSHES: Final = {
    "shutdown-in-guest": StepName.GUEST_SHUTDOWN,
    "retire": StepName.RETIREMENT,
    "fail-launch": StepName.LAUNCH_FAILS,
}
"""The background steps on demand, by their names in scenarios."""


class ModelClient(LaunchOperations, VolumeOperations, PlaceOperations):
    """A boto3-shaped client of a simulated EC2, which does everything that a specification permits, and nothing else.

    Its methods take boto3's keyword arguments, and raise `ClientError`. `call_arguments` lists those that they use.
    `launch_parameters` says which others a launch keeps. Unless the client is lenient, it refuses the rest of them.
    """

    def for_nobody(self) -> "ModelClient":
        """Return a client of the same account whose caller has no permissions."""
        client = copy(self)
        client.caller = Caller.NOBODY
        return client

    def push(self, step: str, instance_id: str) -> None:
        """Trigger a background step, a key of `PUSHES`; raises ValueError with a sentence if it cannot happen."""
        if step not in PUSHES:
            raise ValueError(f'there is no background step "{step}"; write one of {", ".join(PUSHES)}')
        self.simulation.push(PUSHES[step], Instance(instance_id))

    # Instances.

    def start_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Start instances."""
        return self._change_states(Operation.START, "StartingInstances", sent)

    def stop_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Stop instances."""
        return self._change_states(Operation.STOP, "StoppingInstances", sent)

    def terminate_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Terminate instances."""
        return self._change_states(Operation.TERMINATE, "TerminatingInstances", sent)

    def reboot_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Reboot instances."""
        self._perform(request_parsing.batch(Operation.REBOOT, self.caller, sent))
        return self.descriptions.reply()

    def describe_instances(self, **sent: Unpack[DescribeCall]) -> Fields:
        """Describe the given instances, or all, paginated on request; `Filters` as in `filters.INSTANCE`."""
        request = request_parsing.batch(Operation.DESCRIBE, self.caller, sent)
        if self.caller is Caller.OWNER:
            pagination.check_no_size(request.operation, request.instances, sent)
        self._perform(request)
        operation, account = request.operation, self.simulation.account
        page, token = pagination.page_of(operation, request.instances, account.instances, sent)
        seen = self.seen_by(operation.value, request.instances)
        shown = request.instances or [i for i in page if account.is_visible(i) and i not in seen.unknown]
        fitting = filters.apply_filters(
            operation, sent.get("Filters"), shown, seen.descriptions.with_reservation, filters.INSTANCE
        )
        return seen.descriptions.described(fitting, token)

    def modify_instance_attribute(self, **sent: Unpack[ModifyAttributeCall]) -> Fields:
        """Write one attribute of one instance."""
        name = other_attributes.named_in(sent)
        if name is None:
            self._perform(request_parsing.modify_attribute(self.caller, sent, self._volume_at))
        else:
            self._change_other(name, sent)
        return self.descriptions.reply()

    def describe_instance_attribute(self, **sent: Unpack[DescribeAttributeCall]) -> Fields:
        """Read one attribute of one instance."""
        name = sent["Attribute"]
        request = request_parsing.describe_attribute(self.caller, sent, other_attributes.READABLE)
        self._perform(request)
        (i,) = request.instances
        shown = self.seen_by(request.operation.value, request.instances).descriptions
        if name in other_attributes.READABLE:
            fields = other_attributes.value_of(name, shown.extra_fields[i], shown.instance(i))
            return self.descriptions.reply(InstanceId=i, **fields)
        return shown.attribute(i, request.attribute)

    # Helpers.

    def _change_states(self, operation: Operation, key: str, sent: BatchCall) -> Fields:
        request = request_parsing.batch(operation, self.caller, sent)
        answer = self._perform(request, self._checks_of(request))
        if operation is Operation.START:
            self._set_launch_time(answer)
        state, (before, after) = self.descriptions.variation.state, (answer.before, answer.after)
        named = answer.request.instances
        if answer.choices.of(REPEATS) is Repeats.DISTINCT:
            named = tuple(dict.fromkeys(named))
        items = [
            self.descriptions.variation.with_unknown_fields(
                {
                    "InstanceId": i,
                    "CurrentState": state(self._spec.current_state(before, after, i)),
                    "PreviousState": state(self._spec.previous_state(before, after, i)),
                }
            )
            for i in named
        ]
        return self.descriptions.reply(**{key: self.descriptions.variation.shuffled(items)})

    def _checks_of(self, request: BatchRequest) -> Callable[[], None] | None:
        """Return what EC2 checks beyond the specification before it changes the states of instances, if anything."""
        if request.operation is not Operation.START:
            return None
        return lambda: devices.check_roots(self.simulation.account, self.descriptions, request.instances)

    def _set_launch_time(self, answer: Answer) -> None:
        """Set the LaunchTime of started instances: it is the time of the last launch or start."""
        for i in answer.request.instances:
            if answer.before.state(i) is not answer.after.state(i):
                self.descriptions.extra_fields[i] = replace(
                    self.descriptions.extra_fields[i],
                    launched=self._clock.now(),
                    starts=self.descriptions.extra_fields[i].starts + 1,
                )

    def _change_other(self, name: str, sent: ModifyAttributeCall) -> None:
        """Change an attribute that the specification does not hold, most of them only if the instance is stopped."""
        i, instances, extra = (
            Instance(sent["InstanceId"]),
            self.simulation.account.instances,
            self.descriptions.extra_fields,
        )
        request_parsing.check_single(sent)

        def check() -> None:
            fields = other_attributes.changed(name, sent, extra[i], None if self.lenient else types_of(self.region))
            if name in other_attributes.CHANGEABLE and instances[i].state is not InstanceState.STOPPED:
                raise rejected(Operation.MODIFY, Ec2Error.NOT_STOPPED, id=i)
            extra[i] = fields

        self.simulation.advance()
        same = instances[i].shutdown_behavior if i in instances else ShutdownBehavior.STOP
        # EC2 refuses this request as one that leaves an attribute of the specification as it is.
        self._perform(request_parsing.no_change(self.caller, sent, same), check)

    def _volume_at(self, i: Instance, device: str) -> Volume:
        """Return the volume at a device of an instance, or an id that no volume has."""
        return devices.volume_at(self.simulation.account, self.descriptions, i, device) or Volume("")
