"""Loads another version of the specification next to the original, in one process.

A variant is a text for each module that may vary. If a definition and everything that it names read the same in both,
the variant uses the original object. So enums and records stay the known ones, results about an unchanged rule hold
for every variant, and a variant with one change adds only a few functions and tables.

A variant adds nothing to `sys.modules`: its modules import each other by an `__import__` of their own.
Once nobody holds a variant, Python collects it, together with its lines in `linecache`.
"""

import ast
import builtins
import inspect
import pkgutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, partial
from importlib import import_module
from types import ModuleType
from typing import Final

from .. import ledger, rules
from ..specification import Specification
from .adopting import adopted
from .definitions import Imported, Text, names_of, read
from .files import File, file_of

MODEL: Final = __name__.partition(".proof.")[0]

SHARED: Final = frozenset(
    {
        *("states", "world", "requests", "outcomes", "clauses", "rules.memo"),
        *("surface", "surface.parts", "surface.inputs", "surface.outputs", "surface.topics"),
    }
)
"""The modules, by their names below `model`, of which there is only one: everyone has to mean the same by them."""


def _within(package: ModuleType) -> tuple[str, ...]:
    name = package.__name__.removeprefix(f"{MODEL}.")
    return (name, *(f"{name}.{module.name}" for module in pkgutil.iter_modules(package.__path__)))


VARYING: Final = (
    "lifecycle",
    *(name for name in _within(rules) if name not in SHARED),
    "background",
    "choices",
    *_within(ledger),
    "specification",
)
"""The modules that may vary, by their names below `model`."""

NO_RULES: Final = ("choices", "ledger")
"""Varying modules in which no rule lives. A mutant leaves them alone, and so speaks of the choices that all know."""


class DoesNotLoad(Exception):
    """A text is no part of a specification that can run; the message names file and line."""


def packages_of(names: Iterable[str]) -> frozenset[str]:
    """Return the packages that these modules are in."""
    return frozenset(name.rpartition(".")[0] for name in names)


def path_of(name: str, packages: Collection[str], label: str) -> str:
    """Return the file of a module, below the label of its version."""
    return f"{label}/{name.replace('.', '/')}{'/__init__' if name in packages else ''}.py"


def read_module(text: str, path: str) -> Text:
    """Return what a module's text says; raises `DoesNotLoad`."""
    try:
        return read(text)
    except (SyntaxError, ValueError) as error:
        line = (error.lineno if isinstance(error, SyntaxError) else None) or 1
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        raise DoesNotLoad(f"{path}:{line}: no Python that can be read: {said}.") from error


@cache
def sources() -> Mapping[str, str]:
    """Return the text of every varying module as it runs now."""
    return {name: inspect.getsource(import_module(f"{MODEL}.{name}")) for name in VARYING}


def load(sources: Mapping[str, str], label: str, *, shared: Collection[str] = NO_RULES) -> Specification:
    """Return the specification that these texts make, by module; raises `DoesNotLoad`.

    What `shared` names, with all below it, is the original's, as always what `SHARED` names.
    The code of `rules/stop.py` carries the file name `LABEL/rules/stop.py`, under which its text can be looked up.
    """
    return load_modules(sources, label, shared=shared)[1]


def load_modules(
    sources: Mapping[str, str], label: str, *, shared: Collection[str] = NO_RULES
) -> tuple[Mapping[str, ModuleType], Specification]:
    """Return the modules that these texts make, and the specification that they have; raises `DoesNotLoad`."""
    loading = _Loading(sources, label, SHARED.union(shared))
    modules = {name: loading.module(name) for name in sources}
    return modules, loading.specification()


class _Loading:
    """The modules of one variant."""

    def __init__(self, texts: Mapping[str, str], label: str, shared: frozenset[str]) -> None:
        self._texts = texts
        self._packages = packages_of(texts)
        self._label = label
        self._shared = shared
        self._modules: dict[str, ModuleType] = {}
        self._kept: dict[str, frozenset[str]] = {}
        self._files: dict[str, File] = {}

    def specification(self) -> Specification:
        """Return `EC2`, as an object of the one class that all know."""
        made = vars(self.module("specification")).get("EC2") if "specification" in self._texts else None
        if made is None:
            raise DoesNotLoad(f"{self._path('specification')}:1: there is no EC2; a specification has one.")
        try:
            return adopted(made)
        except (TypeError, AttributeError) as error:
            raise DoesNotLoad(f"{self._path('specification')}:1: EC2 is no specification: {error}.") from error

    def module(self, name: str) -> ModuleType:
        """Return a module by its name below `model`; the empty name is `model` itself."""
        if self._is_shared(name):
            return import_module(f"{MODEL}.{name}")
        if name not in self._modules:
            if name and name not in self._texts:
                raise ModuleNotFoundError(f"there is no module {name}")
            if not self._is_package(name) and self._is_whole(name):
                return import_module(f"{MODEL}.{name}")
            # It has the original's name, so that whatever names a function or a class names it as in the original.
            self._modules[name] = module = ModuleType(f"{MODEL}.{name}" if name else MODEL)
            if name:
                self._run(name, module)
        return self._modules[name]

    def _is_shared(self, name: str) -> bool:
        return not self._shared.isdisjoint((name, name.partition(".")[0]))

    def _is_package(self, name: str) -> bool:
        return name in self._packages

    def _path(self, name: str) -> str:
        return path_of(name, self._packages, self._label)

    def _run(self, name: str, module: ModuleType) -> None:
        kept = self._unchanged(name)
        original = vars(import_module(module.__name__)) if kept else {}
        vars(module).update(
            {one: original[one] for one in kept},
            __builtins__={**vars(builtins), "__import__": partial(self._import, name)},
        )
        text = self._read(name)
        made = [statement for statement in text.tree.body if not kept.issuperset(names_of(statement) or [""])]
        self._files[name] = file = file_of(self._path(name), self._texts[name])
        try:
            code = compile(ast.Module(made, []), file.name, "exec", dont_inherit=True)
            exec(code, vars(module))  # noqa: S102 - the very purpose: the text of a module, made a module
        except DoesNotLoad:
            raise
        except Exception as error:
            raise DoesNotLoad(f"{self._where(name, error)}: {type(error).__name__}: {error}.") from error

    def _where(self, name: str, error: BaseException) -> str:
        """Return the innermost place of an error that is in a text of the variant, else where the module begins."""
        paths = {file.name: self._path(module) for module, file in self._files.items()}
        trace, place = error.__traceback__, f"{self._path(name)}:1"
        while trace is not None:
            if path := paths.get(trace.tb_frame.f_code.co_filename):
                place = f"{path}:{trace.tb_lineno}"
            trace = trace.tb_next
        return place

    def _read(self, name: str) -> Text:
        return read_module(self._texts[name], self._path(name))

    def _import(
        self,
        importer: str,
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - by these names Python gives them
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        """Do for the modules of a variant what `__import__` does for others."""
        if not level:
            if f"{name}.".startswith(f"{MODEL.partition('.')[0]}."):
                raise ImportError(f"{name} would be the original's; import it relatively")
            return builtins.__import__(name, globals, locals, fromlist, level)
        target = self._target(importer, level, name)
        module = self.module(target)
        for one in fromlist:
            below = f"{target}.{one}".lstrip(".")
            is_known = not self._is_shared(target) and (self._is_shared(below) or below in self._texts)
            if is_known and not hasattr(module, one):
                setattr(module, one, self.module(below))
            if not hasattr(module, one) and one != "*":
                raise ImportError(f"{target or 'the model'} has no {one}")
        return module

    def _target(self, importer: str, level: int, name: str) -> str:
        """Return the name below `model` of a module that is imported relatively."""
        package = importer.split(".") if self._is_package(importer) else importer.split(".")[:-1]
        if level - 1 > len(package):
            raise ImportError(f"{'.' * level}{name} is not in the model")
        return ".".join([*package[: len(package) - level + 1], *filter(None, [name])])

    # What a variant has of the original.

    def _unchanged(self, name: str) -> frozenset[str]:
        """Return the names of a module that mean what they mean in the original, and so can be the original's."""
        if name not in self._kept:
            self._kept[name] = frozenset()  # while it is being found out: only a circle of imports would ask
            self._kept[name] = self._find_unchanged(name)
        return self._kept[name]

    def _find_unchanged(self, name: str) -> frozenset[str]:
        new = self._read(name)
        old = read(sources()[name]) if name in sources() else None
        if old is None or not (new.plain and old.plain):
            return frozenset()
        kept = {n for n, d in new.definitions.items() if n in old.definitions and old.definitions[n].says(d)}
        kept |= {n for n, i in new.imports.items() if old.imports.get(n) == i and self._imports_unchanged(name, i)}
        bound = new.bound | old.bound
        # What says the same reads the same; what the original reads is known already.
        while changed := {n for n in kept & old.definitions.keys() if not old.definitions[n].reads & bound <= kept}:
            kept -= changed
        return frozenset(kept)

    def _imports_unchanged(self, importer: str, what: Imported) -> bool:
        if not what.level:
            return True
        target = self._target(importer, what.level, what.module)
        below = f"{target}.{what.attribute}".lstrip(".")
        if self._is_shared(target) or self._is_shared(below):
            return True
        if below in self._texts:
            # The module itself: a rule that names it may read anything in it.
            return self._is_whole(below)
        return target in self._texts and what.attribute in self._unchanged(target)

    def _is_whole(self, name: str) -> bool:
        old = read(sources()[name]) if name in sources() else None
        return old is not None and self._unchanged(name) == self._read(name).bound == old.bound
