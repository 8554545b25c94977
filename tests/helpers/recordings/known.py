"""What is known of single recordings (INDEX.md and facts.md), beyond what they hold."""

from collections.abc import Mapping
from typing import Final

from ec2_lifecycle.model.states import InstanceState, RootDevice, Visibility
from ec2_lifecycle.model.world import InstanceRecord

from .events import Json
from .judge import MayBe

OUTSIDE: Final[Mapping[str, str]] = {
    "c7n__ec2_stop_protection_disabled__ec2.ModifyInstanceAttribute_1.json": (
        "hand-edited (A*): the operation has no such reply (P-10)"
    ),
}
"""The recordings that are not read, each with the reason."""

SENT: Final[Mapping[str, Json]] = {
    # DescribeInstances_2 of the same test shows that its instance is set up for hibernation.
    "c7n__test_ec2_stop_hibernate__ec2.StopInstances_1.json": {"Hibernate": True},
}
"""Parameters that another file of the same test shows."""

EXEMPT: Final[Mapping[str, frozenset[str]]] = {
    # Terminated, yet with VpcId, SubnetId and no StateReason: T-03 and T-05 found that of no other.
    "c7n__test_ec2_has_specific_managed_policy__ec2.DescribeInstances_1.json": frozenset({"i-0601af9ef35fc5c20"}),
    # H-02 calls it a hand edit: the code 0 of pending beside the name running.
    "c7n__test_ec2_resize__ec2.DescribeInstances_3.json": frozenset({"i-0fd6bd23de18b49b0", "i-0e2a65fcc30f05c39"}),
    # Against V-06 it has no private address: the shutting-down instance that V-05 cites, with the name of its state,
    # its id and the dates changed (the same request id, volume and network interface).
    "c7n__test_ec2_stop_with_protection_enabled__ec2.DescribeInstances_2.json": frozenset({"i-000b2f5125402eb55"}),
}
"""The instances that were edited by hand (A* in INDEX.md) into something that is not EC2's."""

EXCUSED: Final = frozenset(
    {
        "issue__describe_empty_string_list.json",  # E-08: an id that is empty
        "issue__modify_protection_spot_2018.json",  # P-03: a Spot instance
        "issue__modify_type_while_running.json",  # E-14: an attribute that the specification does not hold
        "issue__start_no_root_volume_2021.json",  # E-19: the root volume was detached
        "issue__stop_onetime_spot.json",  # E-18: a Spot instance
    }
)
"""The refusals that something excuses that the specification does not hold."""


def ebs_backed(record: InstanceRecord) -> bool:
    return record.root_device is RootDevice.EBS


def in_state(*states: InstanceState) -> MayBe:
    return lambda record: ebs_backed(record) and record.state in states


def protected(record: InstanceRecord) -> bool:
    return ebs_backed(record) and record.disable_api_termination


def stop_protected(record: InstanceRecord) -> bool:
    return ebs_backed(record) and record.disable_api_stop and not record.disable_api_termination


MAY_BE: Final[Mapping[str, MayBe]] = {
    "c7n__test_ec2_stop_with_protection_enabled__ec2.StopInstances_1.json": stop_protected,
    "c7n__test_ec2_stop_with_protection_enabled_ephemeral__ec2.TerminateInstances_1.json": stop_protected,
    "c7n__test_ec2_terminate_with_protection_enabled__ec2.TerminateInstances_1.json": protected,
    "issue__attach_volume_pending_2021.json": in_state(InstanceState.PENDING),
    "issue__describe_notfound_after_run_rawxml_2020.json": lambda r: r.visibility is Visibility.SETTLING,
    "issue__modify_protection_on_terminated_2019.json": in_state(InstanceState.TERMINATED),
    "issue__modify_type_while_running.json": in_state(InstanceState.RUNNING),
    "issue__start_no_root_volume_2021.json": in_state(InstanceState.STOPPED),
    "issue__start_terminated_batch_2021.json": in_state(InstanceState.TERMINATED),
    "issue__stop_instance_store.json": lambda r: not ebs_backed(r),
    "issue__stop_protected_2022.json": stop_protected,
    "issue__stop_terminated.json": in_state(InstanceState.TERMINATED),
    "issue__terminate_protected_2018.json": protected,
}
"""What INDEX.md says of the instances in a recording; of all others nothing is known."""

STORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "two running instances are stopped to be resized": (
        "c7n__test_ec2_resize__ec2.DescribeInstances_1.json",
        "c7n__test_ec2_resize__ec2.StopInstances_1.json",
        "c7n__test_ec2_resize__ec2.StartInstances_1.json",
    ),
    "a running instance is terminated": (
        "c7n__test_ec2_terminate__ec2.DescribeInstances_1.json",
        "c7n__test_ec2_terminate__ec2.TerminateInstances_1.json",
        "c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",
    ),
    "one of four running instances is stopped": (
        "c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
        "c7n__test_action_filter_call__ec2.StopInstances_1.json",
        "c7n__test_action_filter_call__ec2.DescribeInstances_2.json",
    ),
    "one instance hibernates and another stops": (
        "c7n__test_ec2_stop_hibernate__ec2.StopInstances_1.json",
        "c7n__test_ec2_stop_hibernate__ec2.StopInstances_2.json",
        "c7n__test_ec2_stop_hibernate__ec2.DescribeInstances_2.json",
    ),
    "an instance is stopped and started again": (
        "c7n__test_encrypt_volumes__ec2.StopInstances_1.json",
        "c7n__test_encrypt_volumes__ec2.DescribeInstances_2.json",
        "c7n__test_encrypt_volumes__ec2.StartInstances_1.json",
    ),
    "an instance is stopped and started in the console": (
        "cloudtrail__manageiq__StopInstances.json",
        "eventbridge__manageiq__state_change_stopped.json",
        "cloudtrail__manageiq__StartInstances.json",
        "eventbridge__manageiq__state_change_pending.json",
        "eventbridge__manageiq__state_change_running.json",
    ),
    "an instance is launched and tagged": (
        "cloudtrail__manageiq__RunInstances.json",
        "cloudtrail__manageiq__CreateTags.json",
    ),
    "a volume is detached and deleted": (
        "cloudtrail__manageiq__DetachVolume.json",
        "cloudtrail__manageiq__DeleteVolume.json",
    ),
    "Auto Scaling terminates an instance": (
        "cloudtrail__manageiq__TerminateInstances.json",
        "eventbridge__manageiq__state_change_shutting-down.json",
        "eventbridge__manageiq__state_change_terminated.json",
    ),
}
"""Recordings that were made one after the other, of the same instances."""
