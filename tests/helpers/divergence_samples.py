"""A divergence to make others of: TerminateInstances terminates an instance that must survive."""

from typing import Final

from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.model.clauses import Part
from ec2_lifecycle.model.requests import Operation

KILLED: Final = Divergence(
    clause="TERM-4",
    part=Part.OUTCOME,
    operation=Operation.TERMINATE,
    state="running",
    expected_class="state:running",
    observed_class="state:terminated",
    step=3,
    instance=None,
    title="TerminateInstances of a running instance: state terminated instead of state running",
    expected=("A running (TERM-4)",),
    observed="A terminated",
)
