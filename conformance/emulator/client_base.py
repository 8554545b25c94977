"""What every part of the model client uses: its simulation and descriptions, its caller, and new ids."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from ...model.requests import Caller, Request
from ...model.specification import EC2, Specification
from ...model.world import Instance, Volume
from ..adapter.clock import Clock, VirtualClock
from . import images
from .behaviour import Behaviour, ChoicePolicy
from .descriptions import BEGINNING, Descriptions
from .extra_fields import ExtraFields, VolumeExtraFields
from .late_reads import Seen
from .refusals import error_of, not_found
from .regions import DEFAULT_REGION, Region
from .simulation import Answer, Simulation
from .variation import Variation


class ClientBase:
    """One account in one region, and the one way to carry out a request in it."""

    def __init__(
        self,
        spec: Specification = EC2,
        behaviour: Behaviour | None = None,
        clock: Clock | None = None,
        beginning: datetime = BEGINNING,
        region: Region = DEFAULT_REGION,
        *,
        lenient: bool = True,
    ) -> None:
        behaviour = behaviour or Behaviour()
        self._behaviour = behaviour
        self._clock = clock or VirtualClock()
        self._spec = spec
        self.simulation = Simulation(spec, behaviour, self._clock)
        self.descriptions = Descriptions(
            self.simulation.account,
            Variation(behaviour, behaviour.stream("looks")),
            spec.shapes,
            beginning,
            self.simulation.late_reads.table(dict[Instance, ExtraFields]),
            self.simulation.late_reads.table(dict[Volume, VolumeExtraFields]),
        )
        self.region = region
        self.lenient = lenient
        """Whether the client accepts launch parameters that the model neither holds nor shows again."""
        self._ids = behaviour.stream("ids" if region.name == DEFAULT_REGION.name else f"ids of {region.name}")
        self.launches: dict[str, tuple[str, tuple[Instance, ...]]] = {}
        """For each client token, with the zone if a launch names one, a digest of the launch and its instances."""
        self.creations: dict[str, tuple[str, Volume]] = {}
        """For each client token, a digest of its request and the volume created."""
        self._images = {image.id: image for image in images.offered(region.declared)}
        self._wordings = behaviour.stream("words") if behaviour.choice_policy is ChoicePolicy.RANDOM else None
        self._tokens = behaviour.stream("tokens") if behaviour.choice_policy is ChoicePolicy.RANDOM else None
        """Settles how the token of a terminated instance is answered, where both are to be shown."""
        self._capacity = behaviour.stream("capacity")
        self._no_capacity_until = 0.0
        self.caller = Caller.OWNER

    def image_of(self, image_id: str) -> images.Image:
        """Return what the instances of an image boot from."""
        return self._images.get(image_id) or images.image_of(image_id)

    def _is_for_real(self, sent: Mapping[str, Any]) -> bool:
        """Tell whether a request is no dry run, and its caller has permission."""
        return not sent.get("DryRun") and self.caller is Caller.OWNER

    def _perform(self, request: Request, check: Callable[[], None] | None = None) -> Answer:
        """Carry out a request; `check` raises what EC2 refuses for reasons outside the specification."""
        answer = self.simulation.ask(request, check)
        if answer.refusal is not None:
            raise error_of(answer, answer.refusal, self._wordings, lavish=self._behaviour.lavish)
        return answer

    def seen_by(self, operation: str, named: Collection[Instance] = ()) -> Seen:
        """Return what a read sees; raises `ClientError` if it names an instance that it does not know yet (E-25)."""
        seen = self.simulation.late_reads.seen_by(operation, self.descriptions)
        if absent := [i for i in dict.fromkeys(named) if i in seen.unknown]:
            raise not_found(operation, absent)
        return seen

    def _new_instance(self) -> Instance:
        while (i := Instance(f"i-{self._ids.getrandbits(68):017x}")) in self.simulation.account.instances:
            pass  # no id is issued twice, not even after a world was loaded
        return i

    def _new_volume(self) -> Volume:
        while (v := Volume(f"vol-{self._ids.getrandbits(68):017x}")) in self.simulation.account.volumes:
            pass
        return v


def digest(sent: Mapping[str, Any]) -> str:
    """Return a digest that identifies the parameters of a request."""
    return sha256(repr(sorted(sent.items())).encode()).hexdigest()
