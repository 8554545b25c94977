"""Scenario files: what they mean, and how they are written."""

from collections.abc import Collection
from pathlib import Path

import pytest
from worked_example import WORKED_EXAMPLE

from ec2_lifecycle.model.requests import Attribute, Caller, Operation
from ec2_lifecycle.model.states import RootDevice, ShutdownBehavior
from ec2_lifecycle.strategies.files.format import READERS, ScenarioError, dump_scenario, load_scenario, read_scenario
from ec2_lifecycle.strategies.files.yaml_nodes import Listing, Mapping
from ec2_lifecycle.strategies.scenario.names import first_problem, split_volume
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.steps import (
    All,
    AttachStep,
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
    Unknown,
    VolumeSpec,
    WaitStep,
)

EVERY_FORM = """\
title: Every form
clauses: [TERM-1]
steps:
  - run: {name: A, count: 3, root: instance-store, volumes: [{name: d, DeleteOnTermination: false}]}
  - run: {name: B, InstanceInitiatedShutdownBehavior: terminate, volumes: [{name: e, device: /dev/sdf}]}
  - run: {name: C, DisableApiStop: true, DryRun: true, as: nobody}
  - terminate: {ids: [A1, {unknown: 1}, {unknown-short: 2}, {malformed: "foo"}, {gone: A2}], DryRun: true, as: nobody}
  - stop: {ids: [B], Force: true, SkipOsShutdown: true, Hibernate: true}
  - start: [B]
  - reboot: []
  - describe: [{all: A}, {all: B}]
  - modify: {id: B, DisableApiStop: false}
  - modify: {id: B, InstanceInitiatedShutdownBehavior: stop}
  - modify: {id: B, BlockDeviceMappings: {volume: B.root, DeleteOnTermination: false}, DryRun: true}
  - describe-attribute: {id: B, attribute: DisableApiTermination}
  - create-volume: {name: v}
  - attach: {volume: v, id: B, device: /dev/sdg}
  - describe-volumes: [B.root, B./dev/sdf, d2, v]
  - describe-volumes: {volumes: [v], as: nobody}
  - detach: {volume: v}
  - wait: 30
  - shutdown-in-guest: B
  - retire: A1
  - fail-launch: A3
finding:
  id: f1:0123
  clause: TERM-1
"""


def read(text: str) -> Scenario:
    return read_scenario(text, "some.yaml")


def read_steps(*lines: str) -> Scenario:
    return read("title: t\nsteps:\n" + "".join(f"  - {line}\n" for line in lines))


def test_the_worked_example_of_the_documentation_loads_as_it_stands() -> None:
    scenario = read(WORKED_EXAMPLE)
    assert scenario == Scenario(
        title="A protected instance shields its own zone and no other",
        clauses=("TERM-4", "TERM-5", "TERM-6"),
        steps=(
            RunStep("A"),
            RunStep("B"),
            RunStep("C", zone=2, disable_api_termination=True),
            RunStep("D", zone=2),
            SettleStep(),
            BatchStep(Operation.TERMINATE, tuple(map(Named, "ABCD"))),
            SettleStep(),
            BatchStep(Operation.DESCRIBE, tuple(map(Named, "ABCD"))),
        ),
    )


@pytest.mark.parametrize("text", [WORKED_EXAMPLE, EVERY_FORM], ids=["worked example", "every form"])
def test_a_file_in_the_usual_style_is_written_back_letter_by_letter(text: str) -> None:
    assert dump_scenario(read(text)) == text


def test_every_form_means_what_it_says() -> None:
    nobody, named_b = Caller.NOBODY, Named("B")
    ids = (Named("A1"), Unknown(1), Unknown(2, short=True), Malformed("foo"), Gone("A2"))
    assert read(EVERY_FORM).steps == (
        RunStep("A", count=3, root=RootDevice.INSTANCE_STORE, volumes=(VolumeSpec("d", delete_on_termination=False),)),
        RunStep("B", shutdown_behavior=ShutdownBehavior.TERMINATE, volumes=(VolumeSpec("e", device="/dev/sdf"),)),
        RunStep("C", disable_api_stop=True, dry_run=True, caller=nobody),
        BatchStep(Operation.TERMINATE, ids, dry_run=True, caller=nobody),
        BatchStep(Operation.STOP, (named_b,), force=True, skip_os_shutdown=True, hibernate=True),
        BatchStep(Operation.START, (named_b,)),
        BatchStep(Operation.REBOOT, ()),
        BatchStep(Operation.DESCRIBE, (All("A"), All("B"))),
        ModifyStep(named_b, Attribute.DISABLE_API_STOP, value=False),
        ModifyStep(named_b, Attribute.SHUTDOWN_BEHAVIOR, ShutdownBehavior.STOP),
        ModifyStep(named_b, Attribute.BLOCK_DEVICE_MAPPINGS, value=False, volume="B.root", dry_run=True),
        DescribeAttributeStep(named_b, Attribute.DISABLE_API_TERMINATION),
        CreateVolumeStep("v"),
        AttachStep("v", named_b, "/dev/sdg"),
        DescribeVolumesStep(("B.root", "B./dev/sdf", "d2", "v")),
        DescribeVolumesStep(("v",), caller=nobody),
        DetachStep("v"),
        WaitStep(30),
        PushStep(Push.GUEST_SHUTDOWN, "B"),
        PushStep(Push.RETIRE, "A1"),
        PushStep(Push.LAUNCH_FAILURE, "A3"),
    )


def test_a_run_with_a_count_numbers_its_instances_and_their_volumes() -> None:
    scenario = read_steps("run: {name: A, count: 2, volumes: [{name: d}, {name: e}]}")
    (run,) = scenario.steps
    assert isinstance(run, RunStep)
    assert run.instance_names == ("A1", "A2")
    assert run.volume_names == (("d1", "e1"), ("d2", "e2"))
    assert scenario.volume_names == ("d1", "e1", "d2", "e2")


def test_a_scenario_tells_what_a_target_must_offer() -> None:
    scenario = read(EVERY_FORM)
    assert scenario.instance_names == ("A1", "A2", "A3", "B")
    assert scenario.volume_names == ("d1", "d2", "d3", "e", "v")
    assert scenario.volumes_used == ("B.root", "v", "B./dev/sdf", "d2")
    assert scenario.zones == (1,)
    assert scenario.root_devices == (RootDevice.INSTANCE_STORE, RootDevice.EBS)
    assert scenario.callers == (Caller.OWNER, Caller.NOBODY)
    assert scenario.pushes == (Push.GUEST_SHUTDOWN, Push.RETIRE, Push.LAUNCH_FAILURE)
    assert len(scenario.requests) == 17


@pytest.mark.parametrize(
    "line",
    [
        "run: {name: B, volumes: [{name: d}]}",
        "create-volume: {name: v}",
        "describe-volumes: [A.root]",
        "modify: {id: A, BlockDeviceMappings: {volume: A.root, DeleteOnTermination: true}}",
    ],
)
def test_a_scenario_mentions_volumes_when_any_step_names_one(line: str) -> None:
    assert read_steps("run: {name: A}", line).mentions_volumes
    assert not read(WORKED_EXAMPLE).mentions_volumes


def test_a_volume_is_split_at_its_instance_and_its_device() -> None:
    assert split_volume("A.root") == ("A", "root")
    assert split_volume("A./dev/sdf") == ("A", "/dev/sdf")
    assert split_volume("d") is None


def test_a_finding_file_is_a_scenario_file_and_keeps_its_facts() -> None:
    scenario = read(WORKED_EXAMPLE + "finding:\n  id: f1:00\n  calls: 12\n  note: two words\n")
    assert scenario.finding == (("id", "f1:00"), ("calls", "12"), ("note", "two words"))
    assert read(dump_scenario(scenario)) == scenario


def test_format_one_may_be_said() -> None:
    assert read("format: 1\n" + WORKED_EXAMPLE) == read(WORKED_EXAMPLE)


def test_a_file_of_an_older_format_is_read_as_before_when_there_is_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def second(root: Mapping, known: Collection[str] | None) -> Scenario:
        """Read a format in which the steps are called otherwise, and there is no title."""
        assert known is None
        [(_, steps)] = [entry for entry in root.entries if entry[0].text == "do"]
        assert isinstance(steps, Listing)
        return Scenario("of the second format", (), (SettleStep(),) * len(steps.items))

    monkeypatch.setitem(READERS, 2, second)
    assert read(WORKED_EXAMPLE) == read("format: 1\n" + WORKED_EXAMPLE)
    assert read("format: 2\ndo: [settle, settle]\n").steps == (SettleStep(), SettleStep())
    with pytest.raises(ScenarioError, match="format 3 is unknown to this version; write format: 1 or 2, or update"):
        read("format: 3\n" + WORKED_EXAMPLE)


def test_a_newer_format_is_told_before_the_keys_that_only_it_has() -> None:
    with pytest.raises(ScenarioError) as caught:
        read("do: [settle]\nformat: 2\n")
    assert caught.value.line == 2
    assert caught.value.message == "format 2 is unknown to this version; write format: 1, or update ec2-lifecycle"


def test_a_name_stays_the_text_that_was_written() -> None:
    names = ("on", "null", "true", "e1", "Yes", "NaN")
    scenario = read_steps(*(f"run: {{name: {name}}}" for name in names))
    assert scenario.instance_names == names
    assert read(dump_scenario(scenario)) == scenario


def test_an_instance_that_only_a_dry_run_was_asked_for_can_be_run_afterwards() -> None:
    scenario = read_steps("run: {name: A, DryRun: true}", "run: {name: A, as: nobody}", "run: {name: A}", "stop: [A]")
    assert scenario.instance_names == ("A",)


def test_a_thousand_ids_fit_in_a_few_lines() -> None:
    run = RunStep("A", count=1001)
    scenario = Scenario("t", (), (run, BatchStep(Operation.TERMINATE, tuple(map(Named, run.instance_names)))))
    text = dump_scenario(scenario)
    assert len(text.splitlines()) < 70
    assert read(text) == scenario


def test_a_scenario_without_names_in_order_has_a_problem_before_it_is_written() -> None:
    problem = first_problem((RunStep("A"), BatchStep(Operation.STOP, (Named("B"),))))
    assert problem is not None
    assert (problem.step, problem.name) == (1, "B")


def test_steps_that_no_file_can_say_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="StartInstances has no force"):
        BatchStep(Operation.START, (), force=True)
    with pytest.raises(ValueError, match="is no value of DisableApiStop"):
        ModifyStep(Named("A"), Attribute.DISABLE_API_STOP, ShutdownBehavior.STOP)
    with pytest.raises(ValueError, match="a volume belongs to BlockDeviceMappings"):
        ModifyStep(Named("A"), Attribute.BLOCK_DEVICE_MAPPINGS, value=True)


def test_a_file_is_loaded_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + WORKED_EXAMPLE.replace("\n", "\r\n").encode())
    assert load_scenario(path) == read(WORKED_EXAMPLE)
