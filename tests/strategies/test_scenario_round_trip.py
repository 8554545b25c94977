"""Every scenario reads back from its file as it was, and no text breaks the reader."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ec2_lifecycle.model.requests import Attribute, Caller
from ec2_lifecycle.model.states import RootDevice, ShutdownBehavior
from ec2_lifecycle.strategies.files.format import (
    ScenarioError,
    dump_scenario,
    read_scenario,
    scenario_as_data,
    scenario_from_data,
)
from ec2_lifecycle.strategies.files.yaml_nodes import LOADERS, parse
from ec2_lifecycle.strategies.scenario.names import INSTANCE_ID, first_problem
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.steps import (
    FLAGS,
    All,
    AttachStep,
    BatchOperation,
    BatchStep,
    CreateVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    Gone,
    Malformed,
    ModifyStep,
    Named,
    Push,
    PushStep,
    RunStep,
    SettleStep,
    Step,
    Unknown,
    VolumeSpec,
    WaitStep,
)

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,5}", fullmatch=True) | st.sampled_from(
    ["on", "off", "yes", "no", "y", "null", "true", "False", "NaN", "e1", "run", "settle", "root", "d-", "x_"]
)
LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200).filter(
    str.strip
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=200)
NUMBERS = st.integers(1, 999_999_999)
DEVICES = st.sampled_from(["/dev/sdf", "/dev/sdg", "/dev/xvdh", "/dev/sda1", "xvdf"])
MALFORMED = TEXTS.filter(lambda text: not INSTANCE_ID.fullmatch(text))
FLAG = st.booleans()
COMMON: dict[str, st.SearchStrategy[Any]] = {"dry_run": FLAG, "caller": st.sampled_from(Caller)}


def batches(operation: BatchOperation, ids: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    flags = dict.fromkeys(FLAGS[operation], FLAG)
    return st.builds(BatchStep, st.just(operation), st.lists(ids, max_size=6).map(tuple), **flags, **COMMON)


def steps_over(instances: list[str], volumes: list[str]) -> st.SearchStrategy[Step]:
    """Steps over these names, whether they are made before or not."""
    made = st.sampled_from([f"{name}{number}" for name in instances for number in ("", "1", "2")])
    own = st.sampled_from([f"{name}{number}" for name in volumes for number in ("", "1", "2")])
    volume = own | st.builds("{}.{}".format, made, st.just("root") | DEVICES)
    ids = st.one_of(
        st.builds(Named, made),
        st.builds(Gone, made),
        st.builds(Unknown, NUMBERS, FLAG),
        st.builds(Malformed, MALFORMED),
    )
    several = ids | st.builds(All, st.sampled_from(instances))
    attribute = st.sampled_from([Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP])
    mappings = st.just(Attribute.BLOCK_DEVICE_MAPPINGS)
    behaviors = st.sampled_from(ShutdownBehavior)
    spec = st.builds(VolumeSpec, st.sampled_from(volumes), st.none() | DEVICES, st.none() | FLAG)
    run = st.builds(
        RunStep,
        name=st.sampled_from(instances),
        zone=NUMBERS,
        count=st.integers(1, 4),
        root=st.sampled_from(RootDevice),
        disable_api_termination=st.none() | FLAG,
        disable_api_stop=st.none() | FLAG,
        shutdown_behavior=st.none() | behaviors,
        volumes=st.lists(spec, max_size=2).map(tuple),
        **COMMON,
    )
    return st.one_of(
        run,
        run,
        *(batches(operation, several) for operation in FLAGS),
        st.builds(ModifyStep, ids, attribute, FLAG, **COMMON),
        st.builds(ModifyStep, ids, st.just(Attribute.SHUTDOWN_BEHAVIOR), behaviors, **COMMON),
        st.builds(ModifyStep, ids, mappings, FLAG, volume, **COMMON),
        st.builds(DescribeAttributeStep, ids, st.sampled_from(Attribute), **COMMON),
        st.builds(CreateVolumeStep, st.sampled_from(volumes), NUMBERS, **COMMON),
        st.builds(AttachStep, volume, ids, DEVICES, **COMMON),
        st.builds(DetachStep, volume, **COMMON),
        st.builds(DescribeVolumesStep, st.lists(volume, max_size=3).map(tuple), **COMMON),
        st.builds(PushStep, st.sampled_from(Push), made),
        st.builds(WaitStep, NUMBERS),
        st.just(SettleStep()),
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Scenarios with hostile names and texts; a step whose names are not in order is left out."""
    names = draw(st.lists(NAMES, unique=True, min_size=6, max_size=6))
    steps: list[Step] = [draw(st.builds(RunStep, st.just(names[0]), NUMBERS))]
    for step in draw(st.lists(steps_over(names[:3], names[3:]), max_size=12)):
        if first_problem([*steps, step]) is None:
            steps.append(step)
    clauses = draw(st.lists(LINES, unique=True, max_size=3))
    facts = draw(st.dictionaries(TEXTS, TEXTS, max_size=3))
    return Scenario(draw(LINES), tuple(clauses), tuple(steps), tuple(facts.items()))


@given(scenarios())
@example(Scenario("t", (), (SettleStep(),), (("line break that PyYAML loses in single quotes", "a\x85"),)))
def test_every_scenario_reads_back_as_it_was_written(scenario: Scenario) -> None:
    assert read_scenario(dump_scenario(scenario), "a") == scenario


@given(scenarios())
def test_every_scenario_comes_back_from_its_data_through_json(scenario: Scenario) -> None:
    assert scenario_from_data(json.loads(json.dumps(scenario_as_data(scenario))), "a") == scenario


@given(scenarios())
def test_both_parsers_read_what_is_written_alike(scenario: Scenario) -> None:
    text = dump_scenario(scenario)
    first, *others = [parse(text, "a", loader) for loader in LOADERS]
    assert all(other == first for other in others)


SIGNS = list("[]{},:-?|>&*!%@`#'\"\\ \n\t~")
PHRASES = ["- ", ": ", "\n  - ", "---\n", "...\n", "title: t\n", "steps:\n", "run: {name: A}", "settle", "stop: [A]"]
TRAPS = ["{unknown: 1}", "<<: ", "\\ud800", "\\UFFFFFFFF", "%YAML 1.9\n", "!!int ", "&a ", "*a", "\ufeff", "\x85"]
PIECES = st.sampled_from(SIGNS + PHRASES + TRAPS)


def refusal(read: Callable[[], object]) -> ScenarioError | None:
    try:
        read()
    except ScenarioError as error:
        return error
    return None


@pytest.mark.parametrize("loader", LOADERS)
@given(text=st.lists(PIECES | st.text(max_size=3), max_size=25).map("".join))
def test_any_text_is_read_or_refused_in_a_sentence(loader: type, text: str) -> None:
    for error in (
        refusal(lambda: parse(text, "a", loader)),
        refusal(lambda: read_scenario("title: t\nsteps:\n  - " + text, "a")),
    ):
        assert error is None or (str(error).startswith("a:") and error.message.isprintable())
