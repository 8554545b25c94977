"""The served model as a target, through boto3 and HTTP, with all that the target `model` offers."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from ec2_lifecycle.conformance.adapter.arguments import Image
from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.adapter.sessions import ec2_client, isolated_session
from ec2_lifecycle.conformance.adapter.target import Capability, Unsupported
from ec2_lifecycle.conformance.emulator.behaviour import Behaviour
from ec2_lifecycle.conformance.emulator.images import EBS, INSTANCE_STORE
from ec2_lifecycle.conformance.emulator.regions import DEFAULT_REGION
from ec2_lifecycle.conformance.emulator.server.endpoint import NOBODY
from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.emulator.server.options import Settings
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.targets.model import PATIENCE

_STEPS: Final = {"shutdown-in-guest": "guest-shutdown", "retire": "retirement", "fail-launch": "launch-fails"}
"""The background steps of scenarios, in the words of the served model."""


class _ModelClock:
    """The clock of a served model, from outside: to sleep is to put it forward."""

    def __init__(self, model: ServedModel) -> None:
        self._model = model

    def now(self) -> float:
        """Return the time of the model."""
        return self._model.now

    def sleep(self, seconds: float) -> None:
        """Put the model's clock forward."""
        self._model.advance(max(0.0, seconds))


@contextmanager
def served_target(behaviour: Behaviour) -> Generator[Ec2Target]:
    """Serve the model, and give boto3's clients of it as a target."""
    model = ServedModel(Settings(behaviour, clock_is_frozen=True))

    def push(step: str, instance_id: str) -> None:
        try:
            model.happen(_STEPS[step], instance_id)
        except ValueError as error:
            raise Unsupported(f"The served model cannot do {step} now: {error}.") from None

    with serve_in_thread(model) as url:
        session: Any = isolated_session()
        nobody = ec2_client(isolated_session(NOBODY), url)
        yield Ec2Target(
            ec2_client(session, url),
            name="served",
            clock=_ModelClock(model),
            capabilities=frozenset({Capability.VIRTUAL_TIME}),
            patience=PATIENCE,
            zones=DEFAULT_REGION.zones,
            image=Image(EBS.id, EBS.root_device_name),
            store_image=Image(INSTANCE_STORE.id, INSTANCE_STORE.root_device_name),
            nobody=nobody,
            push=push,
        )
