"""`explain` says of every parameter and field, and of what is left out, whether it is judged, and why."""

import pytest
from click.testing import CliRunner

from ec2_lifecycle.conformance.commands.explain import explain
from ec2_lifecycle.conformance.commands.explain_surface import paths_of
from ec2_lifecycle.conformance.emulator.wire.surface import surface
from ec2_lifecycle.model.evidence import FACTS
from ec2_lifecycle.model.evidence.documented_refusals import BY_ID
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.model.surface import Standing
from ec2_lifecycle.model.surface.topics import TOPICS, Topic


def told(what: str) -> str:
    result = CliRunner().invoke(explain, [what])
    assert result.exception is None, result.exception
    return " ".join(result.output.split())


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_what_is_left_out_is_explained_by_each_of_its_names(topic: Topic) -> None:
    for name in (topic.name, topic.name.upper(), *topic.names):
        said = told(name)
        assert "standing: outside" in said
        assert topic.why in said
        assert topic.consequence in said
    assert {*topic.facts} <= FACTS.keys() | BY_ID.keys()
    assert not {topic.name.upper(), *(name.upper() for name in topic.names)} & CLAUSES.keys()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_parameters_of_what_is_left_out_are_outside(topic: Topic) -> None:
    for path in topic.paths:
        found = paths_of(path)
        assert found, path
        assert all(each.entry.standing is Standing.OUTSIDE for each in found if each.direction == "input")


def test_every_path_of_the_ledger_is_explained() -> None:
    for each in surface():
        found = paths_of(f"{each.operation.value}:{each.entry.path}")
        assert each in found


def test_a_path_is_explained_with_its_standing_its_reason_and_what_follows() -> None:
    said = told("RunInstances:Placement.Tenancy")
    assert "RunInstances, parameter Placement.Tenancy" in said
    assert "standing: outside" in said
    assert "not judged: refusals of the request" in said
    assert "clauses: RUN-1, RUN-8" in told("mincount")


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [
        ("Placement.Tenency", "Placement.Tenancy"),
        ("NetworkInterfces", "NetworkInterfaces"),
        ("RunInstances:ClientTokn", "ClientToken"),
        ("TERM44", "TERM-4"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_nearest_one(mistyped: str, meant: str) -> None:
    result = CliRunner().invoke(explain, [mistyped])
    assert f"did you mean {meant}?" in " ".join(result.output.split())
    assert result.exit_code == 2
