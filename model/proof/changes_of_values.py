"""Small changes of a value: a name, a member of an enum, a number, a flag, or a wording."""

import ast
from collections.abc import Iterator
from typing import Final

from .edits import Edit, Span
from .places import Place
from .substitutes import other_accessors, other_members, other_names, other_wording


def other_member(place: Place) -> Iterator[Edit]:
    """A member of an enum becomes another one."""
    for node in place.nodes(ast.expr):
        for text in other_members(place, node):
            yield place.replaced(node, text)


def other_name(place: Place) -> Iterator[Edit]:
    """A rule, a choice or a table becomes another of its kind."""
    for node in place.nodes(ast.Name):
        for text in other_names(place, node):
            yield place.replaced(node, text)


def other_accessor(place: Place) -> Iterator[Edit]:
    """An attribute of the world or the request becomes another of its type."""
    for node in place.nodes(ast.Attribute):
        for text in other_accessors(place, node):
            yield place.replaced(node, f"{place.text.segment(node.value)}.{text}")


def true_false(place: Place) -> Iterator[Edit]:
    """True becomes False, and the other way round."""
    for node in place.nodes(ast.Constant):
        if isinstance(node.value, bool):
            yield _in_field(place, node, str(not node.value))


def off_by_one(place: Place) -> Iterator[Edit]:
    """A number becomes the next, or the one before."""
    for node in place.nodes(ast.Constant):
        if isinstance(node.value, int) and not isinstance(node.value, bool) and place.field(node) != "status":
            yield from (place.replaced(node, str(node.value + by)) for by in (1, -1))


def change_status(place: Place) -> Iterator[Edit]:
    """The HTTP status of a refusal becomes another, or any of the 400-series."""
    for node in place.nodes(ast.Constant):
        if place.field(node) == "status":
            usual = "403" if node.value == _USUAL_STATUS else str(_USUAL_STATUS)
            yield from (_in_field(place, node, text) for text in (usual, "None") if text != str(node.value))
    for call in place.calls("Rung"):
        if all(keyword.arg != "status" for keyword in call.keywords):
            yield from (_added(place, call, f"status={text}") for text in ("403", "None"))


_USUAL_STATUS: Final = 400


def change_wording(place: Place) -> Iterator[Edit]:
    """The wording of a message becomes that of another."""
    for node in place.nodes(ast.Constant):
        if isinstance(node.value, str) and isinstance(place.parent(node), ast.Tuple):
            yield place.replaced(node, repr(other_wording(node.value)))


def set_flag(place: Place) -> Iterator[Edit]:
    """A flag of a rung or a background step that is left at its default is set."""
    for name, flags in _FLAGS_TO_SET.items():
        for call in place.calls(name):
            given = {keyword.arg for keyword in call.keywords}
            for flag, (needs, text) in flags.items():
                if flag not in given and needs in (None, *given):
                    yield _added(place, call, text)


_FLAGS_TO_SET: Final[dict[str, dict[str, tuple[str | None, str]]]] = {
    # Whom a message names is open anyway where nothing is known of the message.
    "Rung": {"by_zone": (None, "by_zone=True"), "names_kin": ("wordings", "names_kin=True")},
    "BackgroundStep": {"spontaneous": (None, "spontaneous=False")},
}


def _in_field(place: Place, node: ast.expr, text: str) -> Edit:
    parent = place.parent(node)
    return Edit(place.text.span(node), text, place.text.span(parent if isinstance(parent, ast.keyword) else node))


def _added(place: Place, call: ast.Call, text: str) -> Edit:
    """Return the call with one more field."""
    end = place.text.whole(call.args[-1]).end
    return Edit(Span(end, end), f", {text}", Span(place.text.span(call).start, end))
