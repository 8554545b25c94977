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
        "Terminating a stopped instance answers terminated (48), previously stopped (80), at once: it skips "
        "shutting-down. Six independent captures from 2012 to 2025 agree, against the documentation's general "
        '"shutting-down, then terminated".',
        RECORDED,
        ("rec:transcript__terminate_mixed_batch_2022-11-14.json", "file:eucalyptus/eucalyptus:VmControl.java"),
    ),
    Fact(
        "S-06",
        "Terminating a running instance answers shutting-down (32), previously running (16).",
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
        "Terminating a stopping instance answers shutting-down (32), previously stopping (64).",
        RECORDED,
        ("rec:transcript__terminate_stopping_2019-01-22.json",),
    ),
    Fact(
        "S-08",
        "Terminating a shutting-down instance succeeds and answers shutting-down (32) twice.",
        RECORDED,
        ("rec:cloudtrail__openshift-cad__TerminateInstances_1.json",),
    ),
    Fact(
        "S-09",
        "Terminating a terminated instance succeeds and answers terminated (48) twice. "
        "Only captures without request id show it for batches.",
        RECORDED,
        ("rec:transcript__terminate_terminated.json",),
    ),
    Fact(
        "S-10",
        "Terminating a pending instance succeeds. AWS's API sample of 2007 answers shutting-down (32), previously "
        "pending (0); no recent recording exists, and terminated (48) cannot be excluded.",
        REPORTED,
        ("file:grempe/amazon-ec2:test_EC2_instances.rb",),
        date="2007",
    ),
    Fact(
        "S-11",
        "Stopping a running instance answers stopping (64), previously running (16). With Hibernate the reply is the "
        "same for an instance that was launched with hibernation configured.",
        RECORDED,
        (
            "rec:c7n__test_ec2_stop__ec2.StopInstances_1.json",
            "rec:c7n__test_ec2_resize__ec2.StopInstances_1.json",
            "rec:c7n__test_ec2_stop_hibernate__ec2.StopInstances_1.json",
        ),
    ),
    Fact(
        "S-12",
        "Stopping a stopped instance succeeds and answers stopped (80) twice. The captures and the old AWS page that "
        "show it have no public address.",
        REPORTED,
        ("gh:stackshy/cloudemu#153",),
    ),
    Fact(
        "S-13",
        "Stopping a stopping instance succeeds and answers stopping (64) twice. The one capture has neither a public "
        "address nor a request id.",
        ASSUMED,
    ),
    Fact(
        "S-14",
        "Stopping an instance that is pending after a restart succeeds and answers stopping (64), previously "
        "pending (0).",
        REPORTED,
        ("gh:awsdocs/amazon-ec2-user-guide#67",),
    ),
    Fact(
        "S-15",
        "Stopping an instance that is pending in its first launch is refused with IncorrectInstanceState: it has "
        "never reached the running state.",
        REPORTED,
        ("gh:cloud-custodian/cloud-custodian#6014", "gh:flatcar/mantle#315"),
    ),
    Fact(
        "S-16",
        "Stopping a terminated instance is refused with IncorrectInstanceState. The user guide excepts shutting-down "
        "and terminated instances from those that can be stopped.",
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
        "Starting a stopped instance answers pending (0), previously stopped (80). It may be refused for reasons that "
        "this specification does not hold: S-35, S-36 and S-37.",
        RECORDED,
        (
            "rec:c7n__test_ec2_start__ec2.StartInstances_1.json",
            "rec:c7n__test_ec2_resize__ec2.StartInstances_1.json",
            "rec:cloudtrail__manageiq__StartInstances.json",
        ),
    ),
    Fact(
        "S-18",
        "Starting a running instance succeeds and answers running (16) twice.",
        RECORDED,
        ("rec:transcript__start_running_2023-08-01.json", "gh:stackshy/cloudemu#153"),
    ),
    Fact(
        "S-19",
        "Starting a pending instance is expected to succeed and to answer pending (0) twice. Only a third party's "
        "unit test shows it.",
        ASSUMED,
    ),
    Fact(
        "S-20",
        "Starting a stopping or terminated instance is refused with IncorrectInstanceState, HTTP 400. No source shows "
        "it for a shutting-down instance; the same rule is assumed there.",
        REPORTED,
        (
            "gh:aws-solutions/instance-scheduler-on-aws#281",
            "gh:canonical/ubuntu-pro-client#1697",
            "gh:burstable-ai/burst#42",
        ),
    ),
    Fact(
        "S-21",
        "Rebooting a running instance answers true and lists no states; the instance stays running.",
        RECORDED,
        ("rec:cloudtrail__manageiq__RebootInstances.json", "ug23:ec2-instance-reboot"),
    ),
    Fact(
        "S-22",
        "A reboot succeeds if the instances are valid and belong to the caller; requests to reboot terminated "
        "instances are ignored.",
        DOCUMENTED,
        ("aws:API_RebootInstances", "model:service-2"),
    ),
    Fact(
        "S-23",
        "Whether a reboot of a stopped, stopping, pending or shutting-down instance is accepted or refused is neither "
        "documented nor recorded. That its state stays is known: S-39.",
        ASSUMED,
    ),
    Fact(
        "S-24",
        "A shutdown from inside the guest stops an EBS-backed instance, or terminates it where "
        "InstanceInitiatedShutdownBehavior is terminate; stop is the default. It always terminates an "
        "instance store-backed instance.",
        DOCUMENTED,
        ("ug23:terminating-instances", "ug23:ec2-instance-lifecycle", "model:service-2"),
    ),
    Fact(
        "S-25",
        "At its retirement date an EBS-backed instance is stopped and an instance store-backed one terminated.",
        DOCUMENTED,
        ("ug23:instance-retirement", "rec:c7n__cwe__event-phd-ec2-retire.json"),
    ),
    Fact(
        "S-26",
        "EC2 ends an instance that is stuck in shutting-down by force after several hours; a user may force an "
        "instance to stop that is stuck in stopping.",
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
        "Force tries a graceful shutdown first, then ends the instance; SkipOsShutdown leaves the graceful shutdown "
        "out. Neither bypasses termination protection.",
        DOCUMENTED,
        ("aws:UG/instance-terminate-methods", "model:service-2"),
    ),
    Fact(
        "S-29",
        "Only EBS-backed instances can be stopped and started; starting an instance store-backed one returns an error.",
        DOCUMENTED,
        ("aws:API_StartInstances", "model:service-2"),
    ),
    Fact(
        "S-30",
        "Only EC2 can restart a Spot Instance that it interrupted by a stop; the user may terminate it while stopped, "
        "and cancelling the Spot request terminates it.",
        DOCUMENTED,
        ("ug23:stop-spot-instances",),
    ),
    Fact(
        "S-31",
        "The replies of terminate, stop and start list items of one shape: InstanceId, PreviousState as it was when "
        "the call ran, and CurrentState right after.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.TerminateInstances_1.json",
            "rec:c7n__test_ec2_stop__ec2.StopInstances_1.json",
            "rec:c7n__test_ec2_start__ec2.StartInstances_1.json",
        ),
    ),
    Fact(
        "S-32",
        "A description in the second after a termination shows shutting-down; an instance was stopped within 33 "
        "seconds of its stop. How long a state lasts is EC2's choice.",
        RECORDED,
        (
            "rec:c7n__test_ec2_resize__ec2.StopInstances_1.json",
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",
        ),
    ),
    Fact(
        "S-33",
        "A stop with Hibernate of an instance that was not launched with hibernation configured is refused with "
        "UnsupportedHibernationConfiguration, and the instance keeps running.",
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
        "LaunchTime is the time of the last launch: each start resets it. The attach times of the primary network "
        "interface and of the root volume stay.",
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
        "LaunchPlan still has the old type; a retry succeeds.",
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
        "A reboot never starts a stopped instance, and never changes the state of one that is stopping, pending or "
        "shutting down. The API page says only that the operation queues a request to reboot.",
        REPORTED,
        ("aws:API_RebootInstances", "gh:hortonworks/cloudbreak#7643", "gh:hortonworks/cloudbreak#7722"),
    ),
)
