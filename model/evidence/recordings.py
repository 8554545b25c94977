"""Recordings of real EC2: raw files in public repositories, replies quoted in full, and two kept without an address.

A row is the key, the address, the date and the region where they are known.
"""

from typing import Final

from .fact import Source, SourceKind

_CUSTODIAN: Final = "https://github.com/cloud-custodian/cloud-custodian/blob/df800e9e94d0860e0d8fbfebd9bc5b9b2d50367d/tests/data/placebo/"
_MANAGEIQ: Final = (
    "https://github.com/ManageIQ/manageiq-providers-amazon/blob/59fcb9863e982d3c0b6ff98fd20ac66e60c5eb88/spec/models/"
    "manageiq/providers/amazon/cloud_manager/event_catcher/cloud_watch/"
)
_INVICTUS: Final = (
    "https://github.com/invictus-ir/aws_dataset/blob/4667aa9c26330bc3317ed8bd526f4b83cff13602/CloudTrail/"
)

_ROWS: Final[tuple[tuple[str, str, str, str], ...]] = (
    (
        "rec:c7n__cwe__event-phd-ec2-retire.json",
        "https://github.com/cloud-custodian/cloud-custodian/blob/df800e9e94d0860e0d8fbfebd9bc5b9b2d50367d/tests/data/cwe/event-phd-ec2-retire.json",
        "before 2018",
        "",
    ),
    (
        "rec:c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
        f"{_CUSTODIAN}test_action_filter_call/ec2.DescribeInstances_1.json",
        "before 2022-08-03",
        "us-east-1",
    ),
    (
        "rec:c7n__test_asg_resume__ec2.StartInstances_1.json",
        f"{_CUSTODIAN}test_asg_resume/ec2.StartInstances_1.json",
        "before 2016-05-08",
        "",
    ),
    (
        "rec:c7n__test_asg_suspend__ec2.StopInstances_1.json",
        f"{_CUSTODIAN}test_asg_suspend/ec2.StopInstances_1.json",
        "before 2016-05-08",
        "",
    ),
    (
        "rec:c7n__test_ebs_force_delete__ec2.DescribeVolumes_3.json",
        f"{_CUSTODIAN}test_ebs_force_delete/ec2.DescribeVolumes_3.json",
        "2016-11-05",
        "",
    ),
    (
        "rec:c7n__test_ec2_resize__ec2.ModifyInstanceAttribute_1.json",
        f"{_CUSTODIAN}test_ec2_resize/ec2.ModifyInstanceAttribute_1.json",
        "2016-07-23",
        "",
    ),
    (
        "rec:c7n__test_ec2_resize__ec2.StartInstances_1.json",
        f"{_CUSTODIAN}test_ec2_resize/ec2.StartInstances_1.json",
        "2016-07-23",
        "",
    ),
    (
        "rec:c7n__test_ec2_resize__ec2.StopInstances_1.json",
        f"{_CUSTODIAN}test_ec2_resize/ec2.StopInstances_1.json",
        "2016-07-23",
        "",
    ),
    (
        "rec:c7n__test_ec2_start__ec2.StartInstances_1.json",
        f"{_CUSTODIAN}test_ec2_start/ec2.StartInstances_1.json",
        "2016-10-05",
        "",
    ),
    (
        "rec:c7n__test_ec2_stop__ec2.StopInstances_1.json",
        f"{_CUSTODIAN}test_ec2_stop/ec2.StopInstances_1.json",
        "before 2016-05-07",
        "",
    ),
    (
        "rec:c7n__test_ec2_stop_hibernate__ec2.DescribeInstances_2.json",
        f"{_CUSTODIAN}test_ec2_stop_hibernate/ec2.DescribeInstances_2.json",
        "2020-02-14",
        "us-west-2",
    ),
    (
        "rec:c7n__test_ec2_stop_hibernate__ec2.StopInstances_1.json",
        f"{_CUSTODIAN}test_ec2_stop_hibernate/ec2.StopInstances_1.json",
        "2020-02-14",
        "",
    ),
    (
        "rec:c7n__test_ec2_stop_with_protection_enabled__ec2.ModifyInstanceAttribute_1.json",
        f"{_CUSTODIAN}test_ec2_stop_with_protection_enabled/ec2.ModifyInstanceAttribute_1.json",
        "2022-11-17",
        "",
    ),
    (
        "rec:c7n__test_ec2_stop_with_protection_enabled__ec2.StopInstances_1.json",
        f"{_CUSTODIAN}test_ec2_stop_with_protection_enabled/ec2.StopInstances_1.json",
        "2022-11-17",
        "",
    ),
    (
        "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_1.json",
        f"{_CUSTODIAN}test_ec2_terminate/ec2.DescribeInstances_1.json",
        "2016-11-06",
        "us-west-2",
    ),
    (
        "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",
        f"{_CUSTODIAN}test_ec2_terminate/ec2.DescribeInstances_2.json",
        "2016-11-06",
        "us-west-2",
    ),
    (
        "rec:c7n__test_ec2_terminate__ec2.TerminateInstances_1.json",
        f"{_CUSTODIAN}test_ec2_terminate/ec2.TerminateInstances_1.json",
        "2016-11-06",
        "",
    ),
    (
        "rec:c7n__test_ec2_termination-protected_filter__ec2.DescribeInstanceAttribute_1.json",
        f"{_CUSTODIAN}test_ec2_termination-protected_filter/ec2.DescribeInstanceAttribute_1.json",
        "2017-12-04",
        "",
    ),
    (
        "rec:c7n__test_ec2_termination-protected_filter__ec2.DescribeInstanceAttribute_2.json",
        f"{_CUSTODIAN}test_ec2_termination-protected_filter/ec2.DescribeInstanceAttribute_2.json",
        "2017-12-04",
        "",
    ),
    (
        "rec:c7n__test_encrypt_volumes__ec2.DescribeInstances_2.json",
        f"{_CUSTODIAN}test_encrypt_volumes/ec2.DescribeInstances_2.json",
        "2017-06-08",
        "us-east-1",
    ),
    (
        "rec:c7n__test_iam_instance_profile_inuse__ec2.DescribeInstances_1.json",
        f"{_CUSTODIAN}test_iam_instance_profile_inuse/ec2.DescribeInstances_1.json",
        "2016-09-28",
        "us-east-1",
    ),
    (
        "rec:c7n__test_notify_region_var__ec2.RunInstances_1.json",
        f"{_CUSTODIAN}test_notify_region_var/ec2.RunInstances_1.json",
        "2017-11-21",
        "",
    ),
    (
        "rec:c7n__test_notify_region_var__ec2.TerminateInstances_1.json",
        f"{_CUSTODIAN}test_notify_region_var/ec2.TerminateInstances_1.json",
        "2017-11-21",
        "",
    ),
    (
        "rec:c7n__test_offhours_records__ec2.DescribeInstances_1.json",
        f"{_CUSTODIAN}test_offhours_records/ec2.DescribeInstances_1.json",
        "2016-08-14",
        "us-west-2",
    ),
    (
        "rec:cloudtrail__invictus__DescribeInstanceAttribute__Unauthorized.json",
        f"{_INVICTUS}218007301253_CloudTrail_us-east-1_20230710T1205Z_UljXNp9xLp8nsAGc.json",
        "2023-07-10",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__invictus__GetPasswordData__Unauthorized.json",
        f"{_INVICTUS}218007301253_CloudTrail_us-east-1_20230710T1200Z_iLj9fb7yyUG9X4Bf.json",
        "2023-07-10",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__invictus__RunInstances__InvalidParameterValue.json",
        f"{_INVICTUS}218007301253_CloudTrail_us-east-1_20230710T1200Z_x9kHmzMa7cx6l9wM.json",
        "2023-07-10",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__invictus__RunInstances__VcpuLimitExceeded.json",
        f"{_INVICTUS}218007301253_CloudTrail_us-east-1_20230710T1210Z_vj0QE0Tf5ZmzMsCo.json",
        "2023-07-10",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__invictus__TerminateInstances__ok__1.json",
        f"{_INVICTUS}218007301253_CloudTrail_us-east-1_20230710T1210Z_6CICdbJQM3beT7n3.json",
        "2023-07-10",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__invictus__TerminateInstances__ok__2.json",
        f"{_INVICTUS}218007301253_CloudTrail_us-east-1_20230710T1215Z_nBsuPO1qSTEVerMD.json",
        "2023-07-10",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__manageiq__AttachVolume.json",
        f"{_MANAGEIQ}AWS_API_CALL_AttachVolume.json",
        "2017-09-06",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__manageiq__RebootInstances.json",
        f"{_MANAGEIQ}AWS_API_CALL_RebootInstances.json",
        "2017-09-04",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__manageiq__RunInstances.json",
        f"{_MANAGEIQ}AWS_API_CALL_RunInstances.json",
        "2017-09-07",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__manageiq__StartInstances.json",
        f"{_MANAGEIQ}AWS_API_CALL_StartInstances.json",
        "2017-01-31",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__manageiq__StopInstances.json",
        f"{_MANAGEIQ}AWS_API_CALL_StopInstances.json",
        "2017-01-31",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__manageiq__TerminateInstances.json",
        f"{_MANAGEIQ}AWS_API_CALL_TerminateInstances.json",
        "2017-09-07",
        "us-east-1",
    ),
    (
        "rec:cloudtrail__openshift-cad__TerminateInstances_1.json",
        "https://github.com/openshift/configuration-anomaly-detection/blob/d3698f81a7d2192268afff5b8b9e9e402337043a/pkg/services/chgm/chgm_test.go#L452",
        "2023-02-21",
        "ap-southeast-1",
    ),
    (
        "rec:cloudtrail__stratus__RunInstances__Unauthorized.json",
        "https://github.com/DataDog/stratus-red-team/blob/7c9a7a5a63dc370260a6528dd0d30476854806c1/docs/detonation-logs/aws.execution.ec2-launch-unusual-instances.json",
        "2024-08-01",
        "",
    ),
    (
        "rec:eventbridge__manageiq__state_change_pending.json",
        f"{_MANAGEIQ}EC2_Instance_State_change_Notification_pending.json",
        "before 2017-01-31",
        "us-east-1",
    ),
    (
        "rec:eventbridge__manageiq__state_change_running.json",
        f"{_MANAGEIQ}EC2_Instance_State_change_Notification_running.json",
        "before 2017-01-31",
        "us-east-1",
    ),
    (
        "rec:eventbridge__manageiq__state_change_shutting-down.json",
        f"{_MANAGEIQ}EC2_Instance_State_change_Notification_shutting-down.json",
        "before 2017-10-11",
        "us-east-1",
    ),
    (
        "rec:eventbridge__manageiq__state_change_stopped.json",
        f"{_MANAGEIQ}EC2_Instance_State_change_Notification_stopped.json",
        "before 2017-01-31",
        "us-east-1",
    ),
    (
        "rec:eventbridge__manageiq__state_change_stopping.json",
        f"{_MANAGEIQ}EC2_Instance_State_change_Notification_stopping.json",
        "before 2017-10-11",
        "us-east-1",
    ),
    (
        "rec:eventbridge__manageiq__state_change_terminated.json",
        f"{_MANAGEIQ}EC2_Instance_State_change_Notification_terminated.json",
        "before 2017-10-11",
        "us-east-1",
    ),
    (
        "rec:issue__associate_eip_terminated_2021.json",
        "https://github.com/cloudposse/terraform-aws-ec2-instance/issues/95",
        "2021",
        "",
    ),
    (
        "rec:issue__attach_volume_pending_2021.json",
        "https://github.com/ansible-collections/amazon.aws/issues/497",
        "2021",
        "",
    ),
    (
        "rec:issue__describe_notfound_after_run_rawxml_2020.json",
        "https://github.com/boto/boto3/issues/2556",
        "2020",
        "",
    ),
    ("rec:issue__describe_status_notfound_rawxml_2021.json", "https://github.com/boto/boto3/issues/2720", "2021", ""),
    (
        "rec:issue__modify_protection_on_terminated_2019.json",
        "https://github.com/giantswarm/aws-operator/issues/1521",
        "2019",
        "",
    ),
    (
        "rec:issue__modify_protection_spot_2018.json",
        "https://github.com/cloud-custodian/cloud-custodian/issues/2083",
        "2018",
        "",
    ),
    (
        "rec:issue__start_no_root_volume_2021.json",
        "https://github.com/aws-solutions/instance-scheduler-on-aws/issues/266",
        "2021",
        "",
    ),
    ("rec:issue__stop_malformed_2021.json", "https://github.com/ClusterLabs/cluster-glue/issues/29", "2021", ""),
    ("rec:issue__terminate_protected_2018.json", "https://github.com/rebuy-de/aws-nuke/issues/279", "2018", ""),
    (
        "rec:transcript__terminate_stopping_2019-01-22.json",
        "https://github.com/openml/automlbenchmark/blob/dfe8d21871e2dec2b7cab6c9fbfe3575ce4dadc6/docs/using/aws.md#L116",
        "2019-01-22",
        "",
    ),
    (
        "rec:transcript__terminate_terminated.json",
        "https://github.com/f5devcentral/f5-aws-migrate/blob/5ecf221af48d812db1843c0014b43a7190118f39/f5-aws-migrate.py#L808",
        "2016",
        "",
    ),
)


def _kind(key: str) -> SourceKind:
    """Return the kind of a row: a reply may be kept as an issue quotes it."""
    return SourceKind.ISSUE if key.startswith("rec:issue__") else SourceKind.RECORDING


RECORDINGS: Final[tuple[Source, ...]] = (
    *(Source(key, _kind(key), url, date, region) for key, url, date, region in _ROWS),
    Source(
        "rec:transcript__start_running_2023-08-01.json",
        SourceKind.RECORDING,
        None,
        "2023-08-01",
        "us-east-2",
        says="StartInstances of one id, HTTP 200: current state running (16), previous state running (16)",
        request_id="cea71881-e38c-4621-9982-e7c363552136",
    ),
    Source(
        "rec:transcript__terminate_mixed_batch_2022-11-14.json",
        SourceKind.RECORDING,
        None,
        "2022-11-14",
        says="TerminateInstances of six ids, HTTP 200: three stopped (80) to terminated (48), "
        "three running (16) to shutting-down (32)",
        request_id="62442cf7-b3fe-4f46-969c-364c397ffa30",
    ),
)
