"""Why no clause rests on a fact."""

from collections.abc import Mapping
from typing import Final

_EXCUSED: Final = (
    "It tells when EC2 may refuse something for a reason that is not held: the oracle excuses the refusal."
)
_SPOT: Final = "Spot Instances are outside the specification."
_CLOUDTRAIL: Final = "It is about CloudTrail's events and not about replies."
_STATUS: Final = "DescribeInstanceStatus is not an operation of the specification."
_WAITER: Final = "It is about what clients wait for. EC2 itself promises nothing by it."
_REPEATED: Final = "Client tokens are outside the specification: a request that is sent again is not judged."
_OPEN: Final = "It says what is not known, so that no reply can be wrong."
_PAGES: Final = "Pages are outside the specification: what a page leaves out is not judged."

WITHOUT_CLAUSE: Final[Mapping[str, str]] = {
    "S-27": "EventBridge is outside the specification.",
    "S-30": _SPOT,
    "S-35": _EXCUSED,
    "S-36": _EXCUSED,
    "S-37": _SPOT,
    "S-38": "The new address may be the old one by chance, so that no reply can be wrong.",
    "E-03": "The specification knows one account.",
    "E-06": "The specification sends no such id.",
    "E-13": _OPEN,
    "E-18": _SPOT,
    "E-19": _EXCUSED,
    "E-20": _EXCUSED,
    "E-23": _OPEN,
    "E-26": _CLOUDTRAIL,
    "E-27": _OPEN,
    "E-28": "The specification sends no unknown attribute.",
    "E-29": _PAGES,
    "E-34": "It tells what is not known after a server error: the oracle takes both as possible.",
    "E-35": "It says that neither the class nor the status of the code can be judged.",
    "E-36": "The type of an instance is not modelled; a refusal of its change is not judged.",
    "E-37": "The attributes that it is about are outside the specification.",
    "E-38": "What a service manages is outside the specification.",
    "E-39": _EXCUSED,
    "E-40": "It says that a wording alone is nothing to judge, unless it is recorded.",
    "E-41": "The specification asks for no action that EC2 does not have.",
    "E-42": "Networks are outside the specification.",
    "B-05": _OPEN,
    "P-03": _SPOT,
    "P-08": "Auto Scaling is outside the specification.",
    "P-10": "A body that says nothing is nothing to judge. PROT-8 judges that the request succeeds.",
    "P-11": _OPEN,
    "P-12": "Auto Scaling is outside the specification.",
    "VR-03": _EXCUSED,
    "VR-04": _EXCUSED,
    "VR-06": "VOL-16 rests on row R-199, which documents the same refusal.",
    "VR-07": "The specification detaches no root volume.",
    "VR-08": _EXCUSED,
    "VR-09": _EXCUSED,
    "VR-10": "DeleteVolume is not an operation of the specification.",
    "VR-11": "The specification sends no malformed volume id.",
    "VR-12": _SPOT,
    "VR-13": _EXCUSED,
    "T-10": _OPEN,
    "D-02": _PAGES,
    "D-04": _STATUS,
    "D-05": _STATUS,
    "D-07": "It is about parameters and fields of what services manage, which is outside the specification.",
    "D-09": _OPEN,
    "F-02": _STATUS,
    "F-03": "The specification sends no more filter values than there are states.",
    "F-04": _PAGES,
    "F-07": "It says how late a description may be: the oracle grants that on AWS, and nothing elsewhere.",
    "F-08": "No client library sends an unknown parameter.",
    "F-10": _PAGES,
    "F-09": "A disrupted zone is nothing that a scenario can bring about.",
    "K-01": _REPEATED,
    "K-02": _REPEATED,
    "K-03": _REPEATED,
    "K-04": _REPEATED,
    "K-05": _REPEATED,
    "K-06": _REPEATED,
    "L-02": _EXCUSED,
    "L-03": _EXCUSED,
    "L-04": "The images of a target are not modelled, so that a launch always names one that there is.",
    "L-05": _EXCUSED,
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
