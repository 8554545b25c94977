"""Makes a target of any boto3-shaped EC2 client: each request is one call, each answer an observation."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial

from ...model.requests import Caller, LaunchRequest, Operation, Request
from ...model.states import RootDevice
from ...model.world import Instance
from ...strategies.scenario.steps import READS
from .answer import Answer
from .answer_reader import PAGED, TOKEN, read_answer
from .arguments import METHODS, Arguments, Image, TargetContext, arguments_for
from .carried_fields import values_sent
from .clearing import Client, terminate_all
from .clock import Clock, WallClock
from .devices import Devices
from .names import Names
from .observation import Observation
from .reply_parts import structure_or_nothing
from .retries import with_retries
from .sent import paths_of
from .target import Alive, Broken, Capability, Cleared, Patience, TargetError, Unsupported

__all__ = ["Client", "Ec2Target"]


class Ec2Target:
    """A target behind a boto3-shaped client.

    `nobody` is a client without any permission, `store_image` an image with an instance-store root;
    `push(step, instance_id)` triggers a background step. Each of them gives the target a capability.
    `zones` are the zones' own names in order, or one empty name if the target does not list them.
    `tokens`: a launch may have a client token of the scenario's.
    `retries` allows repeating a call where that cannot change the verdict, as over a network.
    `subnets` are the subnets to launch into, by zone, where the zone's name is not enough.
    `notes` are sentences for the summary of a run, about what could not be read before it.
    `on_clear` removes what a scenario made, of which instances are alive; by default these are terminated.
    `on_close` releases the resources behind the client.
    """

    def __init__(  # noqa: PLR0913 - all by keyword, each with a default
        self,
        client: Client,
        *,
        name: str,
        version: str = "",
        clock: Clock | None = None,
        capabilities: frozenset[Capability] = frozenset(),
        patience: Patience | None = None,
        zones: tuple[str, ...] = ("",),
        image: Image | None = None,
        store_image: Image | None = None,
        nobody: Client | None = None,
        push: Callable[[str, str], object] | None = None,
        subnets: Mapping[str, str] | None = None,
        tokens: bool = True,
        retries: bool = False,
        notes: tuple[str, ...] = (),
        on_clear: Callable[[Alive], Cleared] | None = None,
        on_close: Callable[[], object] | None = None,
    ) -> None:
        parts = {Capability.NOBODY: nobody, Capability.INSTANCE_STORE: store_image, Capability.BACKGROUND: push}
        images = {RootDevice.EBS: image or Image(), RootDevice.INSTANCE_STORE: store_image}
        self.name = name
        self.version = version
        self.clock: Clock = clock or WallClock()
        self.capabilities = capabilities | {capability for capability, part in parts.items() if part is not None}
        self.patience = patience or Patience()
        self.zones = zones
        self.notes = notes
        self._clients: dict[Caller, Client] = {Caller.OWNER: client}
        if nobody is not None:
            self._clients[Caller.NOBODY] = nobody
        offered = {kind: image for kind, image in images.items() if image}
        self._context = TargetContext(name, zones, offered, Devices(), subnets or {})
        self._tokens = tokens
        self._retries = retries
        self._push = push
        self._on_clear = on_clear or partial(terminate_all, client)
        self._on_close = on_close

    def perform(self, request: Request, names: Names) -> Observation:
        """Send one request and return the observation; binds the names of what the reply shows for the first time.

        Raises `Unsupported` if the target lacks what the request needs, and passes on a `TargetError` of the client.
        Every other failure of the client is an observation, not an exception.
        """
        if request.caller not in self._clients:
            raise Unsupported(f"The target {self.name} lacks {Capability.NOBODY.value}.")
        if isinstance(request, LaunchRequest) and request.token and not self._tokens:
            raise Unsupported(f"The target {self.name} gives each launch a client token of its own.")
        arguments = arguments_for(request, names, self._context)
        answer = self._call(request, arguments)
        names.on_answer(answer)
        return read_answer(request, answer, names, self._context.devices)

    def _call(self, request: Request, arguments: Arguments) -> Answer:
        operation = request.operation
        method = getattr(self._clients[request.caller], METHODS[operation], None)
        sent = paths_of(arguments)
        values = values_sent(arguments) if operation is Operation.RUN else {}
        if method is None:
            return Answer(error=NotImplementedError(f"the client has no {METHODS[operation]}"), sent=sent)
        if self._retries:
            method = with_retries(method, self.clock.sleep, changes_nothing=operation in READS)
        pages: list[object] = []
        try:
            pages.extend(_pages(method, arguments) if operation in PAGED else (method(**arguments),))
        except TargetError:
            raise
        except Exception as error:  # noqa: BLE001 - an in-process client may raise anything: a finding, not a crash
            return Answer(tuple(pages), error, sent)
        return Answer(tuple(pages), sent=sent, values=values)

    def push(self, step: str, instance: Instance, names: Names) -> None:
        """Trigger one background step of an instance.

        Raises `Unsupported` if the target cannot, `Broken` if it fails.
        """
        if self._push is None:
            raise Unsupported(f"The target {self.name} lacks {Capability.BACKGROUND.value}.")
        try:
            self._push(step, names.ids.get(instance, instance))
        except TargetError:
            raise
        except NotImplementedError:
            raise Unsupported(f"The target {self.name} cannot do {step} on demand.") from None
        except Exception as error:
            raise Broken(f"The target {self.name} failed to do {step}: {type(error).__name__}: {error}") from error

    def clear(self, alive: Alive) -> Cleared:
        """Remove what a scenario made; raises `Broken`."""
        return self._on_clear(alive)

    def close(self) -> None:
        """Release the resources behind the client; a second call does nothing."""
        on_close, self._on_close = self._on_close, None
        if on_close is not None:
            with suppress(Exception):  # the findings stand, whatever happens now
                on_close()


def _pages(method: Callable[..., object], arguments: Arguments) -> Iterator[object]:
    """Yield the pages of a reply, until NextToken is missing or repeats."""
    tokens: set[str] = set()
    page = method(**arguments)
    yield page
    while isinstance(token := structure_or_nothing(page).get(TOKEN), str) and token and token not in tokens:
        tokens.add(token)
        page = method(**arguments, **{TOKEN: token})
        yield page
