"""What does not fit a type, or was refused by the system, is said in the project's own words."""

import errno
import json
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_lifecycle.reports.misfits import misfit, mistake_in
from ec2_lifecycle.reports.os_reasons import os_reason


class Colour(Enum):
    """One of two words."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Part:
    """A record with a bound."""

    name: str
    size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1


class Made(msgspec.Struct, tag_field="what", tag="made"):
    """One kind of event."""

    ids: tuple[str, ...]


class Gone(msgspec.Struct, tag_field="what", tag="gone"):
    """Another kind of event."""

    ids: tuple[str, ...]


@dataclass(frozen=True)
class Whole:
    """A record with all kinds of parts."""

    colour: Colour
    parts: dict[str, list[Part]] = field(default_factory=dict[str, list[Part]])
    weight: float | None = None
    pair: tuple[str, int] = ("", 0)
    happened: Made | Gone | None = None


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "it must be an object, not a list"),
        ({}, "colour is missing"),
        ({"colour": "pink"}, 'colour must be one of red, blue, not "pink"'),
        ({"colour": "red", "parts": {"a": 3}}, "parts.a must be a list, not 3"),
        ({"colour": "red", "parts": {"a": [{"name": "x"}, {"size": 2}]}}, "parts.a[1].name is missing"),
        ({"colour": "red", "parts": {"a\n": [{"name": None}]}}, r"parts.a\n[0].name must be a text, not null"),
        ({"colour": "red", "parts": {"a": [{"name": "", "size": 0}]}}, "at least 1 and at most 1,000, not 0"),
        ({"colour": "red", "weight": "2"}, 'weight must be a number, not "2"'),
        ({"colour": "red", "pair": ["a", 1.5]}, "pair[1] must be a whole number, not 1.5"),
        ({"colour": "red", "pair": ["a"]}, "pair must be a list of 2, not of 1"),
        ({"colour": "red", "happened": {"what": "lost"}}, 'happened.what must be one of made, gone, not "lost"'),
        ({"colour": "red", "happened": {"what": "gone", "ids": [1]}}, "happened.ids[0] must be a text, not 1"),
    ],
)
def test_a_misfit_is_said_with_its_place_and_what_has_to_be_there(data: object, sentence: str) -> None:
    assert misfit(data, Whole).endswith(sentence)
    assert mistake_in(json.dumps(data).encode(), Whole).endswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b'{"colour": "\xff"}', "byte 13 is not UTF-8"),
        (b'{"colour": red}', "it is not JSON from character 12 on"),
        (b"", "it is not JSON from character 1 on"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"colour": NaN}', "it has a number that cannot be read"),
    ],
)
def test_a_text_that_is_no_json_is_said_with_its_place(text: bytes, sentence: str) -> None:
    assert mistake_in(text, Whole) == sentence


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["colour", "parts", "weight", "pair", "happened", "what", "ids"]), inner)
    ),
    max_leaves=10,
)


@given(JSON)
def test_whatever_does_not_fit_is_one_printable_line(data: object) -> None:
    try:
        msgspec.convert(data, Whole)
    except msgspec.ValidationError:
        said = misfit(data, Whole)
        assert said
        assert said.isprintable()


def test_the_reason_of_the_system_goes_by_its_number() -> None:
    assert os_reason(OSError(errno.ENOSPC, "Anything")) == "no space left on device"
    assert os_reason(OSError(99_999, "Something Else")) == "something else"
    assert os_reason(OSError("Nothing but words")) == "nothing but words"
    assert os_reason(ConnectionResetError()) == "ConnectionResetError"
