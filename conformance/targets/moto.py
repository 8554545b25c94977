"""The target `moto`: moto's EC2, in this process.

Once started, moto answers every boto3 client that the process creates later, so each run has its own process.
moto is never reset: the ids of their resources keep scenarios apart. But it forgets what a scenario launched and has
ended, because it goes through all instances at each request: a run would take a third longer.
moto changes a state only when it is called, never as time passes. So the time of this target is virtual:
a wait costs nothing, and a slow machine gives the same verdicts as a fast one. The times that moto shows of instances
follow that clock, so that LaunchTime and the time of a stop are as far apart as the scenario waited.
"""

import os
from collections.abc import Callable, MutableMapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from ...model.states import InstanceState, RootDevice
from ..adapter.clearing import terminate_all
from ..adapter.clock import VirtualClock
from ..adapter.ec2_target import Client, Ec2Target
from ..adapter.sessions import REGION, ec2_client, isolated_session, shared_models, without_aws
from ..adapter.target import Alive, Broken, Capability, Cleared, Patience
from .discover import image_of, zones_of

IMAGE = "ami-1e749f67"
"""One of moto's own images: listing all 1,300 takes nearly a second."""

STORE_IMAGE = "ami-04681a1dbd79675b6"
"""moto's one image with an instance-store root."""

PATIENCE = Patience(polls=3, first_pause=0.001)
"""moto completes everything at once, or never."""

_ENDED = InstanceState.TERMINATED.value


def moto_target(wrap: Callable[[Any], Any] | None = None) -> Ec2Target:
    """Start moto in this process; `wrap` may wrap its client.

    Raises `Broken` if it does not start.
    """
    try:
        with ExitStack() as closing:
            # The environment stays patched to the end: moto makes a session for every error reply,
            # and fails if a profile is set that does not exist.
            closing.enter_context(patch.dict(os.environ, without_aws(os.environ), clear=True))
            closing.enter_context(shared_models())  # moto makes a dozen sessions when it is imported
            return _started(closing, wrap)
    except Exception as error:
        raise Broken(f"moto does not start ({type(error).__name__}: {error}).") from error


def _started(closing: ExitStack, wrap: Callable[[Any], Any] | None) -> Ec2Target:
    import moto
    from moto.backends import get_backend
    from moto.core import DEFAULT_ACCOUNT_ID  # pyright: ignore[reportPrivateImportUsage] - as moto documents it
    from moto.core.utils import utcnow
    from moto.ec2.models import instances

    clock = VirtualClock()
    closing.enter_context(patch.object(instances, "utcnow", _times_of(clock, utcnow)))
    # The client has its own credentials, so moto need not set any for the process.
    mock = moto.mock_aws(config={"core": {"mock_credentials": False, "reset_boto3_session": False}})
    mock.start()
    # What moto holds goes when it starts again: to clear it now would load its images once more, for nobody.
    closing.callback(mock.stop, remove_data=False)
    client = ec2_client(isolated_session())
    closing.callback(client.close)
    launches: Any = get_backend("ec2")[DEFAULT_ACCOUNT_ID][REGION].reservations
    zones, image = zones_of(client), image_of(client, preferred=IMAGE)
    return Ec2Target(
        client if wrap is None else wrap(client),
        name="moto",
        version=moto.__version__,
        clock=clock,
        capabilities=frozenset({Capability.VIRTUAL_TIME}),
        patience=PATIENCE,
        zones=zones,
        image=image,
        store_image=image_of(client, RootDevice.INSTANCE_STORE, preferred=STORE_IMAGE),
        on_clear=_Clearing(client, launches),
        on_close=closing.pop_all().close,
    )


@dataclass(slots=True)
class _Clearing:
    """Clears what a scenario launched. A launch from before it, such as one of bystanders, moto goes on to show."""

    client: Client
    launches: MutableMapping[str, Any]
    """moto's own launches, by their ids."""
    known: set[str] = field(default_factory=set[str])

    def __call__(self, alive: Alive) -> Cleared:
        """Terminate what is alive. Then moto forgets each launch since the last call that has no instance left."""
        cleared = terminate_all(self.client, alive)
        for name in self.launches.keys() - self.known:
            if all(instance.state == _ENDED for instance in self.launches[name].instances):
                del self.launches[name]
        self.known.update(self.launches)
        return cleared


def _times_of(clock: VirtualClock, utcnow: Callable[[], datetime]) -> Callable[[], datetime]:
    """Return what tells the time by a virtual clock that began when this machine's did."""
    return lambda: utcnow() + timedelta(seconds=clock.now())
