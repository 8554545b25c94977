"""Why no clause rests on a fact."""

from collections.abc import Mapping
from typing import Final

_EXCUSED: Final = (
    "It says when EC2 may refuse a request for a reason outside the specification. The oracle excuses such a refusal."
)
_SPOT: Final = "Spot Instances are outside the specification."
_CLOUDTRAIL: Final = "It is about events of CloudTrail, not about replies."
_STATUS: Final = "DescribeInstanceStatus is not an operation of the specification."
_WAITER: Final = "It is about what clients wait for. It is not a promise of EC2."
_AROUND: Final = (
    "Networks, images, key pairs and profiles are outside the specification. The served model refuses with this error."
)
_OPEN: Final = "It says what nobody knows, so no reply can be wrong."
_PAGES: Final = "Pages are outside the specification. The oracle does not judge what a page omits."

WITHOUT_CLAUSE: Final[Mapping[str, str]] = {
    "S-27": "EventBridge is outside the specification.",
    "S-30": _SPOT,
    "S-35": _EXCUSED,
    "S-36": _EXCUSED,
    "S-37": _SPOT,
    "S-38": "The new address may be the old one by chance, so no reply can be wrong.",
    "E-03": "The specification has only one account.",
    "E-06": "The specification sends no such id.",
    "E-13": _OPEN,
    "E-18": _SPOT,
    "E-20": _EXCUSED,
    "E-23": _OPEN,
    "E-26": _CLOUDTRAIL,
    "E-27": _OPEN,
    "E-28": "The specification sends no unknown attribute.",
    "E-29": _PAGES,
    "E-34": "It says that nobody knows what a server error left behind. The oracle considers both cases possible.",
    "E-35": "It says that the oracle can judge neither the class nor the status of the code.",
    "E-36": "The specification does not model changes of the instance type. The oracle does not judge their refusals.",
    "E-37": "These attributes are outside the specification.",
    "E-38": "Resources that a service manages are outside the specification.",
    "E-39": _EXCUSED,
    "E-40": "It says that the oracle can judge a message only if a recording shows it.",
    "E-41": "The specification sends only actions that EC2 has.",
    "E-42": "Networks are outside the specification.",
    "B-05": _OPEN,
    "P-03": _SPOT,
    "P-08": "Auto Scaling is outside the specification.",
    "P-10": "An empty body leaves nothing to judge. PROT-8 is about the success of the request.",
    "P-11": _OPEN,
    "P-12": "Auto Scaling is outside the specification.",
    "VR-04": _EXCUSED,
    "VR-08": _EXCUSED,
    "VR-09": _EXCUSED,
    "VR-11": "The specification sends no malformed volume id.",
    "VR-12": _SPOT,
    "VR-13": _EXCUSED,
    "T-10": _OPEN,
    "D-02": _PAGES,
    "D-04": _STATUS,
    "D-05": _STATUS,
    "D-07": "It is about resources that services manage, which are outside the specification.",
    "D-09": _OPEN,
    "F-02": _STATUS,
    "F-03": "The specification never sends more filter values than there are states.",
    "F-04": _PAGES,
    "F-07": "It says how old a description may be. The oracle permits that delay on AWS, and no delay elsewhere.",
    "F-08": "No client library sends an unknown parameter.",
    "F-10": _PAGES,
    "F-09": "A scenario cannot disrupt a zone.",
    "K-06": "The client tokens of volumes are outside the specification. The oracle does not judge a repeated "
    "CreateVolume.",
    "L-02": _EXCUSED,
    "L-03": _EXCUSED,
    "L-04": "The specification does not model images. A launch always names an image that exists.",
    "L-05": _EXCUSED,
    "N-01": _AROUND,
    "N-02": _AROUND,
    "N-03": _AROUND,
    "N-04": _AROUND,
    "N-05": _AROUND,
    "N-06": _AROUND,
    "N-07": _AROUND,
    "N-08": _AROUND,
    "N-09": _AROUND,
    "N-10": _AROUND,
    "N-11": _AROUND,
    "N-12": _AROUND,
    "N-13": _AROUND,
    "N-14": _AROUND,
    "N-15": _AROUND,
    "N-16": _AROUND,
    "N-17": _AROUND,
    "C-01": _CLOUDTRAIL,
    "C-02": _CLOUDTRAIL,
    "C-04": _CLOUDTRAIL,
    "C-05": _CLOUDTRAIL,
    "C-06": _CLOUDTRAIL,
    "W-01": _WAITER,
    "W-02": _WAITER,
    "W-03": _WAITER,
    "W-04": _WAITER,
    "W-05": _WAITER,
    "W-07": _WAITER,
}
"""The reasons, by the ids of the facts."""
