"""The target `python:MODULE:FACTORY`: a boto3-shaped EC2 client of the user's own, in this process.

FACTORY is called without arguments. What it returns answers as a boto3 client does: methods such as
`terminate_instances(InstanceIds=[...])` that return dictionaries or raise `botocore.exceptions.ClientError`.
Everything else is optional, each an attribute of the returned object:

- `version`: a text, for reports;
- `clock`: an object with `now()` and `sleep(seconds)`, where time is not this machine's;
- `patience_polls`: how many times `settle` looks before it calls an instance stuck: 10, in about 12 seconds of its
  clock, unless it says otherwise, and each further one 5 seconds later;
- `for_nobody()`: returns a client whose caller has no permission;
- `push(step, instance_id)`: makes "shutdown-in-guest", "retire" or "fail-launch" happen,
  and raises `NotImplementedError` for one that it cannot do;
- `capabilities`: names of further ones, "instance-store" (with an image of that kind in `describe_images`),
  "virtual-time" (sleeping on its clock costs nothing) and "parallel" (it may be called from several threads);
- `close()`: called at the end.

The same holds for a factory that a package registers as an entry point in the group `ec2_lifecycle.targets`.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from functools import reduce
from importlib import import_module
from importlib.metadata import EntryPoint
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...model.states import RootDevice
from ..adapter.arguments import Image
from ..adapter.clock import Clock
from ..adapter.ec2_target import Client, Ec2Target
from ..adapter.target import Broken, Capability, Patience, UnknownTarget
from .discover import IMAGES, ZONES, ZONES_UNKNOWN, Notes, image_of, zones_in_words, zones_of

if TYPE_CHECKING:
    from collections.abc import Iterable


def python_target(text: str) -> Ec2Target:
    """Return the target of `MODULE:FACTORY`; raises `UnknownTarget`, and `Broken` where the factory fails."""
    name = f"python:{text}"
    module_name, colon, factory_name = text.partition(":")
    if not (module_name and colon and factory_name):
        raise UnknownTarget(f'"{name}" names no factory; write python:MODULE:FACTORY, such as python:doubles.ec2:make.')
    return factory_target(name, _attribute(name, _module(name, module_name), factory_name))


def entry_point_target(entry_point: EntryPoint) -> Ec2Target:
    """Return the target of a registered factory; raises `UnknownTarget`, and `Broken` where the factory fails."""
    try:
        factory = entry_point.load()
    except Exception as error:
        raise UnknownTarget(
            f"The entry point {entry_point.name} = {entry_point.value} cannot be loaded "
            f"({type(error).__name__}: {error})."
        ) from error
    return factory_target(entry_point.name, factory)


def factory_target(name: str, factory: object) -> Ec2Target:
    """Return the target made by a factory; raises `UnknownTarget`, and `Broken` where the factory fails."""
    if not callable(factory):
        raise UnknownTarget(f"{name} is {_kind(factory)}, which cannot be called; name a function or a class.")
    if not _needs_no_argument(factory):
        raise UnknownTarget(f"{name} needs an argument; name a function or a class that needs none.")
    try:
        client: object = factory()
    except Exception as error:
        raise Broken(f"{name} raised {type(error).__name__}: {error}") from error
    if not hasattr(client, "describe_instances"):
        raise UnknownTarget(
            f"{name} returned {_kind(client)}, which has no describe_instances; return a boto3-shaped EC2 client."
        )
    return _target(name, client)


def _needs_no_argument(factory: Callable[..., object]) -> bool:
    """Return whether a call without arguments fits the signature; true if Python does not know the signature."""
    try:
        signature(factory).bind()
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def _module(name: str, module_name: str) -> object:
    here = str(Path.cwd())
    if here not in sys.path:  # as `python -m` does; an installed command does not search the working directory
        sys.path.insert(0, here)
    try:
        return import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module_name}.".startswith(f"{error.name}."):
            raise UnknownTarget(f"{name}: there is no module {error.name}, neither installed nor in {here}.") from None
        raise UnknownTarget(f"{name}: the module {module_name} needs {error.name}, which is not installed.") from None
    except Exception as error:
        raise UnknownTarget(f"{name}: the module cannot be imported ({type(error).__name__}: {error}).") from error


def _attribute(name: str, module: object, path: str) -> object:
    try:
        return reduce(getattr, path.split("."), module)
    except AttributeError:
        nearest = get_close_matches(path, dir(module), 1)
        instead = f"write {nearest[0]}" if nearest else "name one of its functions or classes"
        raise UnknownTarget(f"{name}: the module has no {path}; {instead}.") from None


def _target(name: str, client: Client) -> Ec2Target:
    notes = Notes()
    try:
        capabilities = _capabilities(name, client)
        zones, image = _zones(client, notes), image_of(client, notes=notes)
        can_store = Capability.INSTANCE_STORE in capabilities
        return Ec2Target(
            client,
            name=name,
            version=str(getattr(client, "version", "")),
            clock=_clock(name, client),
            capabilities=capabilities,
            patience=_patience(name, client),
            zones=zones,
            image=image,
            store_image=image_of(client, RootDevice.INSTANCE_STORE) if can_store else None,
            nobody=client.for_nobody() if hasattr(client, "for_nobody") else None,
            push=getattr(client, "push", None),
            notes=notes.sentences({ZONES: zones_in_words(zones), IMAGES: f"the run launches {(image or Image()).id}"}),
            on_close=getattr(client, "close", None),
        )
    except UnknownTarget:
        raise
    except Exception as error:
        raise Broken(f"{name} raised {type(error).__name__}: {error}") from error


def _zones(client: Client, notes: Notes) -> tuple[str, ...]:
    try:
        return zones_of(client, notes)
    except Exception as error:  # noqa: BLE001 - a client need not list its zones
        notes.failed(ZONES, error)
        return ZONES_UNKNOWN


def _clock(name: str, client: Client) -> Clock | None:
    clock: Any = getattr(client, "clock", None)
    if clock is not None and not all(callable(getattr(clock, method, None)) for method in ("now", "sleep")):
        raise UnknownTarget(f"{name}: its clock is {_kind(clock)}; give one with now() and sleep(seconds), or none.")
    return clock


def _patience(name: str, client: Client) -> Patience:
    polls: object = getattr(client, "patience_polls", Patience().polls)
    if not isinstance(polls, int) or polls < 1:
        raise UnknownTarget(f"{name}: its patience_polls is {polls!r}; give a whole number of at least 1.")
    return replace(Patience(), polls=polls)


def _capabilities(name: str, client: Client) -> frozenset[Capability]:
    given: Iterable[object] = getattr(client, "capabilities", ())
    by_name = {capability.name.lower().replace("_", "-"): capability for capability in Capability}
    names = [str(each) for each in given]
    for each in names:
        if each not in by_name:
            raise UnknownTarget(f'{name}: there is no capability "{each}"; give some of {", ".join(by_name)}.')
    return frozenset(by_name[each] for each in names)


def _kind(value: object) -> str:
    kind = type(value).__name__
    return "nothing" if value is None else f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
