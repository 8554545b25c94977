"""AWS's own words: its API reference, user guide and API model.

A row is the key, the address, and when the page was read or written.
"""

from typing import Final

from .fact import Source, SourceKind

_GUIDE_OF_2023: Final = (
    "https://github.com/awsdocs/amazon-ec2-user-guide/blob/e3707c431483ec0ffffcabebd36cf799ba682cd0/doc_source/"
)
_MODEL: Final = "https://github.com/boto/botocore/blob/1.43.11/botocore/data/ec2/2016-11-15/"
_REFERENCE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"
_GUIDE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/"

_PAGES: Final[tuple[tuple[str, str, str], ...]] = (
    ("aws:API_AttachVolume", f"{_REFERENCE}API_AttachVolume.html", "read 2026-11-29"),
    ("aws:API_CreateVolume", f"{_REFERENCE}API_CreateVolume.html", "read 2026-11-29"),
    ("aws:API_DeleteVolume", f"{_REFERENCE}API_DeleteVolume.html", "read 2026-11-29"),
    ("aws:API_DescribeInstanceAttribute", f"{_REFERENCE}API_DescribeInstanceAttribute.html", "read 2026-11-29"),
    ("aws:API_DescribeInstanceStatus", f"{_REFERENCE}API_DescribeInstanceStatus.html", "read 2026-11-29"),
    ("aws:API_DescribeInstances", f"{_REFERENCE}API_DescribeInstances.html", "read 2026-11-29"),
    ("aws:API_DetachVolume", f"{_REFERENCE}API_DetachVolume.html", "read 2026-11-29"),
    ("aws:API_Instance", f"{_REFERENCE}API_Instance.html", "read 2026-11-29"),
    ("aws:API_ModifyInstanceAttribute", f"{_REFERENCE}API_ModifyInstanceAttribute.html", "read 2026-11-29"),
    ("aws:API_RebootInstances", f"{_REFERENCE}API_RebootInstances.html", "read 2026-11-29"),
    ("aws:API_RunInstances", f"{_REFERENCE}API_RunInstances.html", "read 2026-11-29"),
    ("aws:API_StartInstances", f"{_REFERENCE}API_StartInstances.html", "read 2026-11-29"),
    ("aws:API_TerminateInstances", f"{_REFERENCE}API_TerminateInstances.html", "read 2026-11-29"),
    ("aws:UG/RootDeviceStorage", f"{_GUIDE}RootDeviceStorage.html", "read 2026-11-29"),
    ("aws:UG/Stop_Start", f"{_GUIDE}Stop_Start.html", ""),
    ("aws:UG/ec2-stop-protection", f"{_GUIDE}ec2-stop-protection.html", ""),
    ("aws:UG/how-ec2-instance-termination-works", f"{_GUIDE}how-ec2-instance-termination-works.html", ""),
    ("aws:UG/instance-terminate-methods", f"{_GUIDE}instance-terminate-methods.html", ""),
    ("aws:UG/preserving-volumes-on-termination", f"{_GUIDE}preserving-volumes-on-termination.html", ""),
    (
        "aws:cloudtrail/log-file-examples",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html",
        "read 2026-11-29",
    ),
    (
        "aws:ec2-api-idempotency",
        "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html",
        "read 2026-11-29",
    ),
    ("aws:errors-overview", f"{_REFERENCE}errors-overview.html", "read 2026-11-29"),
    (
        "seed",
        "https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ec2/client/terminate_instances.html",
        "",
    ),
    ("ug23:Stop_Start", f"{_GUIDE_OF_2023}Stop_Start.md", "2023-06"),
    (
        "ug23:TroubleshootingInstancesShuttingDown",
        f"{_GUIDE_OF_2023}TroubleshootingInstancesShuttingDown.md",
        "2023-06",
    ),
    ("ug23:TroubleshootingInstancesStopping", f"{_GUIDE_OF_2023}TroubleshootingInstancesStopping.md", "2023-06"),
    ("ug23:ebs-detaching-volume", f"{_GUIDE_OF_2023}ebs-detaching-volume.md", "2023-06"),
    ("ug23:ec2-instance-lifecycle", f"{_GUIDE_OF_2023}ec2-instance-lifecycle.md", "2023-06"),
    ("ug23:ec2-instance-reboot", f"{_GUIDE_OF_2023}ec2-instance-reboot.md", "2023-06"),
    ("ug23:instance-retirement", f"{_GUIDE_OF_2023}instance-retirement.md", "2023-06"),
    ("ug23:monitoring-instance-state-changes", f"{_GUIDE_OF_2023}monitoring-instance-state-changes.md", "2023-06"),
    ("ug23:stop-spot-instances", f"{_GUIDE_OF_2023}stop-spot-instances.md", "2023-06"),
    ("ug23:terminating-instances", f"{_GUIDE_OF_2023}terminating-instances.md", "2023-06"),
    ("ug23:troubleshooting-launch", f"{_GUIDE_OF_2023}troubleshooting-launch.md", "2023-06"),
)
_MODELS: Final[tuple[tuple[str, str, str], ...]] = (
    ("model:paginators-1", f"{_MODEL}paginators-1.json", "2026"),
    ("model:service-2", f"{_MODEL}service-2.json", "2026"),
    ("model:waiters-2", f"{_MODEL}waiters-2.json", "2026"),
)

DOCUMENTATION: Final[tuple[Source, ...]] = (
    *(Source(key, SourceKind.DOCUMENTATION, url, date) for key, url, date in _PAGES),
    *(Source(key, SourceKind.API_MODEL, url, date) for key, url, date in _MODELS),
)
