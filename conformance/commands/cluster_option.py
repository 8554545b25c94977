"""The option `--cluster`, which several commands take."""

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager

from ...reports.console import console_for, print_text, printable_text
from ...reports.safe_text import count
from ..cluster.connection import EXAMPLE, LOCAL, Cluster, check_address, connected
from ..targets.resolve import is_live
from .help_text import option
from .shell import WrongUsage

cluster_option = option("--cluster", metavar="ADDRESS", help=f"Work on a Dask cluster: {EXAMPLE}, or {LOCAL}.")


def refuse_live(targets: Iterable[str]) -> None:
    """Raise `WrongUsage` for a live account: a cluster may repeat work that it lost, and that costs money."""
    live = next(filter(is_live, targets), None)
    if live is not None:
        raise WrongUsage(f"{live} cannot run on a cluster, which may repeat what it has lost; run it on this machine.")


@contextmanager
def cluster_of(address: str | None) -> Generator[Cluster | None]:
    """Connect to the cluster of the option, and show where its dashboard is; None without the option.

    Raises `ClusterError`.
    """
    if address is None:
        yield None
        return
    check_address(address)
    with connected(address) as cluster:
        text = f"cluster {cluster.address}: {count(cluster.workers, 'worker')}, dashboard {cluster.dashboard}"
        print_text(console_for(sys.stderr), printable_text(text, "dim"))
        yield cluster
