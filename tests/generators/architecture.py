"""The parts of ARCHITECTURE.md that follow from the source: the picture of the packages, and the table of them.

`nox -s architecture` runs this file: it writes both parts again.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from imports import FOLDERS, ROOT, docstring_of, module_graph, packages, part_graph, without_detours
from marked import write_parts

PAGE: Final = ROOT / "ARCHITECTURE.md"
SESSION: Final = "architecture"


def picture() -> str:
    """Return the packages and what they import, as a Mermaid flowchart."""
    lines = ["flowchart TD", *_layers_drawn(), *_edges_drawn()]
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


def _drawn() -> dict[str, list[str]]:
    """Return the parts of each layer that the picture shows; a layer without packages is one box."""
    parts = sorted(part for part in part_graph() if "." in part)
    folders = {name for name in packages() if name.count(".") == 1}
    return {
        # In model/ the packages build on loose modules, so these are drawn too.
        layer: [each for each in parts if each.startswith(f"{layer}.") and (each in folders or layer == "model")]
        if any(name.startswith(f"{layer}.") for name in folders)
        else []
        for layer in FOLDERS
    }


def _layers_drawn() -> Iterator[str]:
    folders = {*packages()}
    for layer, parts in reversed(_drawn().items()):
        if not parts:
            yield f'    {layer}["{layer}/"]'
            continue
        yield f'    subgraph {layer}["{layer}/"]'
        for part in parts:
            name = part.partition(".")[2]
            yield f'        {_id(part)}["{name}/"]' if part in folders else f'        {_id(part)}("{name}")'
        yield "    end"


def _edges_drawn() -> Iterator[str]:
    graph = part_graph()
    for parts in _drawn().values():
        direct = without_detours({part: graph[part] & {*parts} for part in parts})
        for part in parts:
            yield from (f"    {_id(part)} --> {_id(imported)}" for imported in sorted(direct[part]))
    layers = {layer: _layers_imported_by(layer) for layer in FOLDERS}
    for layer, imported in without_detours(layers).items():
        yield from (f"    {layer} ==> {each}" for each in sorted(imported))


def _layers_imported_by(layer: str) -> frozenset[str]:
    """Return the other layers that a layer imports."""
    graph = module_graph()
    imported = (each for module in graph if module.split(".")[0] == layer for each in graph[module])
    return frozenset(each.split(".")[0] for each in imported) - {layer}


def _id(part: str) -> str:
    """Return the id of a box: Mermaid allows no dot in it."""
    return part.replace(".", "_")


def table() -> str:
    """Return the packages with the first sentence of their docstrings, lowest layer first."""
    head = "| package | responsibility |\n|---|---|\n"
    names = sorted(packages(), key=lambda name: (FOLDERS.index(name.partition(".")[0]), name))
    return head + "".join(f"| `{name.replace('.', '/')}/` | {responsibility(name)} |\n" for name in names)


def responsibility(package: str) -> str:
    """Return the first paragraph of a package's docstring."""
    return " ".join(docstring_of(package).partition("\n\n")[0].splitlines())


PARTS: Final[Mapping[str, Callable[[], str]]] = {"picture": picture, "packages": table}
"""The parts of the page that are made, by name."""


if __name__ == "__main__":
    write_parts(PAGE, SESSION, PARTS)
