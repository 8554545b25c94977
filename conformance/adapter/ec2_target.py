"""The adapter: any boto3-shaped EC2 client as a target. Each request is one call; each answer is an observation."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from ...model.requests import Caller, Request
from ...model.states import RootDevice
from ...model.world import Instance
from ...strategies.scenario.steps import READS
from .answer import Answer
from .arguments import METHODS, Arguments, Image, TargetContext, arguments_for
from .clock import Clock, WallClock
from .devices import Devices
from .names import Names
from .observation import Observation
from .observe import PAGED, TOKEN, read
from .parts import structure_or_nothing
from .retries import with_retries
from .sent import paths_of
from .target import Broken, Capability, Patience, TargetError, Unsupported

Client: TypeAlias = Any
"""A boto3-shaped EC2 client: keyword arguments in, dictionaries out, exceptions of botocore.

boto3 makes the methods of its own clients at run time, so that there is no type to name.
"""


class Ec2Target:
    """A target behind a boto3-shaped client.

    `nobody` is a client without any permission, `store_image` an image with an instance-store root;
    `push(step, instance_id)` makes a background step happen. Each of them gives the target its capability.
    `zones` are the zones' own names in order, or one empty name where the target does not tell them.
    `retries` says that a call may be repeated where that cannot change what is judged, as over a network.
    `subnets` are those to launch into, by zone, where a zone's name alone would not do.
    `on_clear` takes away what a scenario made; most targets keep it.
    `on_close` gives back what stands behind the client.
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
        retries: bool = False,
        on_clear: Callable[[], object] | None = None,
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
        self._clients: dict[Caller, Client] = {Caller.OWNER: client}
        if nobody is not None:
            self._clients[Caller.NOBODY] = nobody
        offered = {kind: image for kind, image in images.items() if image}
        self._context = TargetContext(name, zones, offered, Devices(), subnets or {})
        self._retries = retries
        self._push = push
        self._on_clear = on_clear
        self._on_close = on_close

    def perform(self, request: Request, names: Names) -> Observation:
        """Send one request and return what came back; binds the names of what it made or showed first.

        Raises `Unsupported` where the target lacks what the request needs, and what its client raises as a target.
        Whatever else the client does, a bad answer is an observation and not an exception.
        """
        if request.caller not in self._clients:
            raise Unsupported(f"The target {self.name} lacks {Capability.NOBODY.value}.")
        arguments = arguments_for(request, names, self._context)
        answer = self._ask(request, arguments)
        names.hear(answer)
        return read(request, answer, names, self._context.devices)

    def _ask(self, request: Request, arguments: Arguments) -> Answer:
        operation = request.operation
        method = getattr(self._clients[request.caller], METHODS[operation], None)
        sent = paths_of(arguments)
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
        return Answer(tuple(pages), sent=sent)

    def push(self, step: str, instance: Instance, names: Names) -> None:
        """Make one background step happen to an instance.

        Raises `Unsupported` where the target cannot, `Broken` where it failed to.
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

    def clear(self) -> None:
        """Take away what a scenario made; raises `Broken`."""
        if self._on_clear is not None:
            self._on_clear()

    def close(self) -> None:
        """Give back what stands behind the client; a second time does nothing."""
        on_close, self._on_close = self._on_close, None
        if on_close is not None:
            with suppress(Exception):  # what was found stands, whatever comes now
                on_close()


def _pages(method: Callable[..., object], arguments: Arguments) -> Iterator[object]:
    """Yield the pages of a reply, as far as NextToken leads to new ones."""
    tokens: set[str] = set()
    page = method(**arguments)
    yield page
    while isinstance(token := structure_or_nothing(page).get(TOKEN), str) and token and token not in tokens:
        tokens.add(token)
        page = method(**arguments, **{TOKEN: token})
        yield page
