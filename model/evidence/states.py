"""Facts about the states of an instance, and what each operation answers in each of them."""

from typing import Final

from ..clauses import Part
from .fact import ASSUMED, DOCUMENTED, RECORDED, REPORTED, Fact

STATES: Final[tuple[Fact, ...]] = (
    Fact(
        "S-01",
        "An instance has one of six states: pending (0), running (16), shutting-down (32), terminated (48), "
        "stopping (64) and stopped (80).",
        DOCUMENTED,
        ("model:service-2", "seed"),
    ),
    Fact(
        "S-02",
        "A successful RunInstances returns every instance as pending (0), with StateReason code and message "
        '"pending", an empty StateTransitionReason and an empty list of block devices.',
        RECORDED,
        ("rec:c7n__test_notify_region_var__ec2.RunInstances_1.json",),
    ),
    Fact(
        "S-03",
        "A launch ends in running, or in terminated with a StateReason that says why. "
        "A start may also fail and end back in stopped; the reason shown then is not known.",
        DOCUMENTED,
        ("ug23:troubleshooting-launch", "model:service-2"),
    ),
    Fact(
        "S-04",
        "A launch and a start enter pending, then running. A stop enters stopping, then stopped. "
        "A termination enters shutting-down, then terminated.",
        DOCUMENTED,
        ("ug23:ec2-instance-lifecycle", "ug23:monitoring-instance-state-changes"),
    ),
    Fact(
        "S-05",
        "If a stopped instance is terminated, the reply shows terminated (48) now and stopped (80) before: the "
        "instance skips shutting-down. Six independent recordings from 2012 to 2025 agree. The documentation says "
        'in general "shutting-down, then terminated".',
        RECORDED,
        ("rec:transcript__terminate_mixed_batch_2022-11-14.json", "file:eucalyptus/eucalyptus:VmControl.java"),
    ),
    Fact(
        "S-06",
        "If a running instance is terminated, the reply shows shutting-down (32) now and running (16) before.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.TerminateInstances_1.json",
            "rec:c7n__test_notify_region_var__ec2.TerminateInstances_1.json",
            "rec:cloudtrail__invictus__TerminateInstances__ok__1.json",
            "rec:cloudtrail__invictus__TerminateInstances__ok__2.json",
        ),
    ),
    Fact(
        "S-07",
        "If a stopping instance is terminated, the reply shows shutting-down (32) now and stopping (64) before.",
        RECORDED,
        ("rec:transcript__terminate_stopping_2019-01-22.json",),
    ),
    Fact(
        "S-08",
        "Terminating a shutting-down instance succeeds. The reply shows shutting-down (32) now and before.",
        RECORDED,
        ("rec:cloudtrail__openshift-cad__TerminateInstances_1.json",),
    ),
    Fact(
        "S-09",
        "Terminating a terminated instance succeeds. The reply shows terminated (48) now and before. For batches, "
        "only recordings without a request id show it.",
        RECORDED,
        ("rec:transcript__terminate_terminated.json",),
    ),
    Fact(
        "S-10",
        "Terminating a pending instance succeeds. In AWS's API sample of 2007 the reply shows shutting-down (32) "
        "now and pending (0) before. No recent recording exists, so terminated (48) is possible too.",
        REPORTED,
        ("file:grempe/amazon-ec2:test_EC2_instances.rb",),
        date="2007",
    ),
    Fact(
        "S-11",
        "If a running instance is stopped, the reply shows stopping (64) now and running (16) before. With "
        "Hibernate the reply is the same, if the launch configured hibernation.",
        RECORDED,
        (
            "rec:c7n__test_ec2_stop__ec2.StopInstances_1.json",
            "rec:c7n__test_ec2_resize__ec2.StopInstances_1.json",
            "rec:c7n__test_ec2_stop_hibernate__ec2.StopInstances_1.json",
        ),
    ),
    Fact(
        "S-12",
        "Stopping a stopped instance succeeds. The reply shows stopped (80) now and before. The recordings and the "
        "old AWS page that show it are not public.",
        REPORTED,
        ("gh:stackshy/cloudemu#153",),
    ),
    Fact(
        "S-13",
        "Stopping a stopping instance succeeds. The reply shows stopping (64) now and before. The only recording is "
        "not public, and has no request id.",
        ASSUMED,
    ),
    Fact(
        "S-14",
        "Stopping an instance that is pending after a restart succeeds. The reply shows stopping (64) now and "
        "pending (0) before.",
        REPORTED,
        ("gh:awsdocs/amazon-ec2-user-guide#67",),
    ),
    Fact(
        "S-15",
        "EC2 refuses to stop an instance that is pending in its first launch, with IncorrectInstanceState: it has "
        "never reached the running state.",
        REPORTED,
        ("gh:cloud-custodian/cloud-custodian#6014", "gh:flatcar/mantle#315"),
    ),
    Fact(
        "S-16",
        "EC2 refuses to stop a terminated instance, with IncorrectInstanceState. The user guide says that "
        "shutting-down and terminated instances cannot be stopped.",
        DOCUMENTED,
        (
            "ug23:TroubleshootingInstancesStopping",
            "gh:redhat-cop/agnosticd#5102",
            "gh:ansible-collections/amazon.aws#146",
            "file:eucalyptus/eucalyptus:VmControl.java",
        ),
        parts={Part.CODE: REPORTED, Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "S-17",
        "If a stopped instance is started, the reply shows pending (0) now and stopped (80) before. EC2 may refuse "
        "the start for reasons outside this specification: S-35, S-36 and S-37.",
        RECORDED,
        (
            "rec:c7n__test_ec2_start__ec2.StartInstances_1.json",
            "rec:c7n__test_ec2_resize__ec2.StartInstances_1.json",
            "rec:cloudtrail__manageiq__StartInstances.json",
        ),
    ),
    Fact(
        "S-18",
        "Starting a running instance succeeds. The reply shows running (16) now and before.",
        RECORDED,
        ("rec:transcript__start_running_2023-08-01.json", "gh:stackshy/cloudemu#153"),
    ),
    Fact(
        "S-19",
        "Starting a pending instance is expected to succeed. The reply then shows pending (0) now and before. Only "
        "a third party's unit test shows it.",
        ASSUMED,
    ),
    Fact(
        "S-20",
        "EC2 refuses to start a stopping or terminated instance, with IncorrectInstanceState, HTTP 400. No source "
        "shows it for a shutting-down instance. There the same rule is assumed.",
        REPORTED,
        (
            "gh:aws-solutions/instance-scheduler-on-aws#281",
            "gh:canonical/ubuntu-pro-client#1697",
            "gh:burstable-ai/burst#42",
        ),
    ),
    Fact(
        "S-21",
        "The reply to rebooting a running instance is true, and lists no states. The instance stays running.",
        RECORDED,
        ("rec:cloudtrail__manageiq__RebootInstances.json", "ug23:ec2-instance-reboot"),
    ),
    Fact(
        "S-22",
        "A reboot succeeds if the instances are valid and belong to the caller. EC2 ignores requests to reboot "
        "terminated instances.",
        DOCUMENTED,
        ("aws:API_RebootInstances", "model:service-2"),
    ),
    Fact(
        "S-23",
        "No documentation or recording shows whether EC2 accepts or refuses the reboot of a stopped, stopping, "
        "pending or shutting-down instance. Its state does not change: S-39.",
        ASSUMED,
    ),
    Fact(
        "S-24",
        "A shutdown from inside the guest stops an EBS-backed instance, or terminates it if "
        "InstanceInitiatedShutdownBehavior is terminate. The default is stop. The shutdown always terminates an "
        "instance store-backed instance.",
        DOCUMENTED,
        ("ug23:terminating-instances", "ug23:ec2-instance-lifecycle", "model:service-2"),
    ),
    Fact(
        "S-25",
        "At the retirement date of an instance, EC2 stops it if it is EBS-backed, and terminates it if it is "
        "instance store-backed.",
        DOCUMENTED,
        ("ug23:instance-retirement", "rec:c7n__cwe__event-phd-ec2-retire.json"),
    ),
    Fact(
        "S-26",
        "If an instance is stuck in shutting-down, EC2 ends it by force after several hours. If an instance is "
        "stuck in stopping, a user may force it to stop.",
        DOCUMENTED,
        ("ug23:TroubleshootingInstancesShuttingDown",),
    ),
    Fact(
        "S-27",
        "EventBridge sends a state-change notification for each of the six states; one was seen in the same second "
        "as the call.",
        RECORDED,
        (
            "rec:eventbridge__manageiq__state_change_pending.json",
            "rec:eventbridge__manageiq__state_change_running.json",
            "rec:eventbridge__manageiq__state_change_stopping.json",
            "rec:eventbridge__manageiq__state_change_stopped.json",
            "rec:eventbridge__manageiq__state_change_shutting-down.json",
            "rec:eventbridge__manageiq__state_change_terminated.json",
        ),
    ),
    Fact(
        "S-28",
        "With Force, EC2 first tries a graceful shutdown, and then ends the instance. With SkipOsShutdown, it skips "
        "the graceful shutdown. Neither bypasses termination protection.",
        DOCUMENTED,
        ("aws:UG/instance-terminate-methods", "model:service-2"),
    ),
    Fact(
        "S-29",
        "Only EBS-backed instances can be stopped and started. Starting an instance store-backed one returns an error.",
        DOCUMENTED,
        ("aws:API_StartInstances", "model:service-2"),
    ),
    Fact(
        "S-30",
        "If EC2 stopped a Spot Instance to interrupt it, only EC2 can start it again. The user may terminate it "
        "while it is stopped. Cancelling the Spot request terminates it.",
        DOCUMENTED,
        ("ug23:stop-spot-instances",),
    ),
    Fact(
        "S-31",
        "The replies of TerminateInstances, StopInstances and StartInstances list items of the same shape: "
        "InstanceId, PreviousState when the call ran, and CurrentState right after it.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.TerminateInstances_1.json",
            "rec:c7n__test_ec2_stop__ec2.StopInstances_1.json",
            "rec:c7n__test_ec2_start__ec2.StartInstances_1.json",
        ),
    ),
    Fact(
        "S-32",
        "A description in the second after a termination shows shutting-down. One instance was stopped within 33 "
        "seconds of the request to stop it. EC2 decides how long a state lasts.",
        RECORDED,
        (
            "rec:c7n__test_ec2_resize__ec2.StopInstances_1.json",
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",
        ),
    ),
    Fact(
        "S-33",
        "EC2 refuses a stop with Hibernate if the launch did not configure hibernation, with "
        "UnsupportedHibernationConfiguration. The instance keeps running.",
        DOCUMENTED,
        (
            "aws:errors-overview",
            "gh:aws-solutions/instance-scheduler-on-aws#510",
            "file:aws-solutions/instance-scheduler-on-aws:ec2.py",
        ),
        parts={Part.MESSAGE: REPORTED},
        since="2018-11",
    ),
    Fact(
        "S-34",
        "LaunchTime is the time of the last launch or start. The attach times of the primary network interface and "
        "of the root volume do not change.",
        DOCUMENTED,
        (
            "aws:API_Instance",
            "gh:mlevit/aws-auto-cleanup#129",
            "gh:mlevit/aws-auto-cleanup#131",
            "gh:prowler-cloud/prowler#497",
            "gh:cloud-custodian/cloud-custodian#1582",
            "gh:cloud-custodian/cloud-custodian#2725",
        ),
    ),
    Fact(
        "S-35",
        "A start right after a change of the instance type may be refused with InvalidParameterValue, because the "
        "LaunchPlan still has the old type. A retry succeeds.",
        REPORTED,
        (
            "gh:boto/boto3#2190",
            "gh:hashicorp/terraform-provider-aws#16433",
            "gh:hashicorp/terraform-provider-aws#16443",
        ),
    ),
    Fact(
        "S-36",
        "A start may be refused with Unsupported after a change to a type that does not fit the other attributes, or "
        "that the zone does not offer.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:seek-oss/aec#228"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "S-37",
        "A start of a Spot Instance right after a stop may be refused with IncorrectSpotRequestState.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:hashicorp/terraform-provider-aws#33399"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "S-38",
        "After a stop and a start an instance without an Elastic IP address has a new public IPv4 address, usually "
        "another one.",
        DOCUMENTED,
        (
            "aws:UG/Stop_Start",
            "ug23:Stop_Start",
            "gh:Dallinger/Dallinger#7099",
            "gh:iterative/terraform-provider-iterative#44",
            "gh:docker-archive-public/docker.machine#1571",
        ),
    ),
    Fact(
        "S-39",
        "A reboot never starts a stopped instance. It never changes the state of an instance that is stopping, "
        "pending or shutting down. The API page says only that the operation queues a request to reboot.",
        REPORTED,
        ("aws:API_RebootInstances", "gh:hortonworks/cloudbreak#7643", "gh:hortonworks/cloudbreak#7722"),
    ),
)
