"""Which module of the project imports which: the files are parsed, not imported.

So an import inside a function or under `TYPE_CHECKING` counts as well.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = "ec2_lifecycle"
FOLDERS: Final = ("model", "strategies", "conformance", "reports")
"""The four layers, lowest first; `reports` imports none of the others."""
SHIMS: Final = frozenset({"double", "machine", "pytest_plugin", "runner", "watching"})
"""Modules of conformance/ that only keep an old import path for one release. Each warns."""


@dataclass(frozen=True)
class Import:
    """One imported module, by its absolute name, and where the import stands."""

    file: Path
    line: int
    module: str
    names: tuple[str, ...] = ()
    """What is imported from the module, if anything is."""

    @property
    def folder(self) -> str:
        """The folder of the importing file."""
        return self.file.parts[0]


def files_in(root: Path) -> list[Path]:
    """Every module of the four folders, relative to `root`."""
    return sorted(path.relative_to(root) for folder in FOLDERS for path in (root / folder).rglob("*.py"))


def imports_of(root: Path, file: Path) -> Iterator[Import]:
    """Every import of a file; `file` is relative to `root`, where the four folders stand."""
    for node in ast.walk(ast.parse((root / file).read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(file, node.lineno, alias.name)
            case ast.ImportFrom(names=names):
                base = _base_of(file, node)
                if base == PACKAGE:
                    for alias in names:
                        yield Import(file, node.lineno, f"{base}.{alias.name}")
                else:
                    yield Import(file, node.lineno, base, tuple(alias.name for alias in names))
            case _:
                continue


def _base_of(file: Path, node: ast.ImportFrom) -> str:
    """The absolute name of the module after `from`, or the dots themselves where they lead out of the package."""
    package = (PACKAGE, *file.parent.parts)
    if node.level > len(package):
        return "." * node.level + (node.module or "")
    parents = package[: len(package) - node.level + 1] if node.level else ()
    return ".".join((*parents, *filter(None, [node.module])))


def name_of(file: Path) -> str:
    """Return the name of a module within the project: `model/rules/stop.py` is `model.rules.stop`."""
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def module_graph(root: Path = ROOT) -> Mapping[str, frozenset[str]]:
    """Return, for each module of the project, the modules of the project that it imports."""
    files = {name_of(file): file for file in files_in(root)}
    return {
        name: frozenset(
            target
            for found in imports_of(root, file)
            for target in _targets(found, files)
            if target in files and target != name
        )
        for name, file in files.items()
    }


def _targets(found: Import, modules: Mapping[str, Path]) -> Iterator[str]:
    """Return the modules that an import loads: of `from a import b` it is `a.b` where that is a module, else `a`."""
    base = found.module.removeprefix(f"{PACKAGE}.")
    names = found.names or ("",)
    for name in names:
        yield f"{base}.{name}" if f"{base}.{name}" in modules else base


def part_of(module: str) -> str:
    """Return the part of its layer that a module belongs to: the package or loose module directly in the folder."""
    return ".".join(module.split(".")[:2])


def part_graph(root: Path = ROOT) -> Mapping[str, frozenset[str]]:
    """Return, for each part of each layer, the other parts that it imports."""
    graph: dict[str, set[str]] = {}
    for module, imported in module_graph(root).items():
        graph.setdefault(part_of(module), set()).update(map(part_of, imported))
    return {part: frozenset(imported - {part}) for part, imported in graph.items()}


def packages(root: Path = ROOT) -> list[str]:
    """Return every package of the project, each layer first."""
    return [name_of(file) for file in files_in(root) if file.name == "__init__.py"]


def docstring_of(package: str, root: Path = ROOT) -> str:
    """Return the docstring of a package."""
    text = (root / package.replace(".", "/") / "__init__.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(text)) or ""


def without_detours(graph: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """Return a graph without circles, less the edges that a longer way makes superfluous."""
    reached: dict[str, frozenset[str]] = {}
    for node in TopologicalSorter(graph).static_order():
        direct = graph.get(node, ())
        reached[node] = frozenset(direct).union(*(reached[each] for each in direct))
    return {
        node: frozenset(each for each in direct if not any(each in reached[other] for other in direct))
        for node, direct in graph.items()
    }
