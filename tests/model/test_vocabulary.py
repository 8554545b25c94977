"""What two versions of the specification say with other words is told, each difference in one sentence."""

import inspect
from importlib import import_module

import pytest

from ec2_lifecycle.model.proof.entries import Kind, entries_of
from ec2_lifecycle.model.proof.variants import MODEL, SHARED, DoesNotLoad, sources
from ec2_lifecycle.model.proof.vocabulary import Change, Difference, differences
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import InstanceState

TEXTS = {**sources(), **{name: inspect.getsource(import_module(f"{MODEL}.{name}")) for name in sorted(SHARED)}}


def changed(module: str, before: str, after: str) -> tuple[Difference, ...]:
    """Return the differences that a change makes; what is replaced occurs once."""
    assert TEXTS[module].count(before) == 1
    return differences(TEXTS, {**TEXTS, module: TEXTS[module].replace(before, after)})


def test_a_version_says_what_it_says() -> None:
    assert differences(TEXTS, TEXTS) == ()


def test_layout_comments_and_docstrings_are_no_difference() -> None:
    for module, text in TEXTS.items():
        assert differences(TEXTS, {**TEXTS, module: f"# A comment.\n{text}\n\n"}) == ()
    assert (
        changed(
            "lifecycle", '    PENDING: Row(SHUTTING_DOWN, "TERM-17"),', '    PENDING: Row(  SHUTTING_DOWN, "TERM-17" ),'
        )
        == ()
    )
    assert changed("rules.terminate", "A zone is shielded while", "A zone is protected while") == ()
    assert changed("world", "The identity of an Availability Zone.", "A zone.") == ()


@pytest.mark.parametrize(
    ("module", "before", "after", "sentence"),
    [
        (
            "states",
            '    STOPPED = "stopped"\n',
            '    STOPPED = "stopped"\n    HIBERNATED = "hibernated"\n',
            'The member InstanceState.HIBERNATED is new ("hibernated").',
        ),
        (
            "states",
            '    STOPPING = "stopping"\n',
            "",
            'The member InstanceState.STOPPING is gone ("stopping").',
        ),
        (
            "states",
            "InstanceState.STOPPED: 80",
            "InstanceState.STOPPED: 96",
            "The row CODES[InstanceState.STOPPED] of states: its value was 80, and is 96.",
        ),
        (
            "world",
            "    fate: Fate = Fate.NONE\n",
            "    fate: Fate = Fate.NONE\n    hibernating: bool = False\n",
            "The field InstanceRecord.hibernating is new (bool).",
        ),
        (
            "requests",
            "    hibernate: bool = False\n",
            "    hibernate: bool = True\n",
            "The field BatchRequest.hibernate: its default was False, and is True.",
        ),
        (
            "choices",
            '    "dead-protected",\n',
            '    "dead-shield",\n',
            'The choice dead-shield is new ("How long does a protected instance shield its zone?").',
        ),
        (
            "choices",
            "    preferred=DeadProtected.NEVER,",
            "    preferred=DeadProtected.ALWAYS,",
            "The choice dead-protected: its preferred was DeadProtected.NEVER, and is DeadProtected.ALWAYS.",
        ),
        (
            "choices",
            '    ALWAYS = "until it is forgotten"\n',
            "",
            'The member DeadProtected.ALWAYS is gone ("until it is forgotten").',
        ),
        (
            "background",
            '    BackgroundStep(StepName.RETIREMENT, is_running, is_retired, "RETIRE-1", spontaneous=False),\n',
            "",
            "The background step RETIREMENT is gone (is_running).",
        ),
        (
            "background",
            '"RETIRE-1", spontaneous=False',
            '"RETIRE-1"',
            "The background step RETIREMENT: its spontaneous was False, and is not given.",
        ),
        (
            "lifecycle",
            'STOPPED: Row(TERMINATED, "TERM-12")',
            'STOPPED: Row(SHUTTING_DOWN, "TERM-12")',
            (
                "The row TERMINATE[STOPPED] of lifecycle: its value was Row(TERMINATED, 'TERM-12'), "
                "and is Row(SHUTTING_DOWN, 'TERM-12')."
            ),
        ),
        (
            "lifecycle",
            "    STOPPED: (PENDING, TERMINATED),\n",
            "",
            "The row TRANSITIONS[STOPPED] of lifecycle is gone ((PENDING, TERMINATED)).",
        ),
        (
            "rules.common",
            "LIMIT: Final = 1000",
            "LIMIT: Final = 500",
            "The table LIMIT of rules.common: its value was 1000, and is 500.",
        ),
        (
            "rules.common",
            "status=412",
            "status=400",
            "The refusal DRY_RUN of rules.common: its status was 412, and is 400.",
        ),
        ("rules.terminate", "        TOO_MANY,\n", "", "The refusal TOO_MANY of TerminateInstances is gone."),
        (
            "rules.terminate",
            "holds=names_nothing,\n            status=None,",
            "holds=names_nothing,\n            status=400,",
            "The refusal EMPTY of TerminateInstances: its status was None, and is 400.",
        ),
        (
            "rules.terminate",
            "    instance=terminate,\n",
            "",
            "The operation TerminateInstances: its instance was terminate, and is not given.",
        ),
        (
            "ledger.states",
            "Only the low byte of a state's code counts. The high byte is for EC2's internal use.",
            "The whole code counts.",
            (
                "The clause STATE-2: its sentence was "
                "\"Only the low byte of a state's code counts. The high byte is for EC2's internal use.\", "
                'and is "The whole code counts."'
            ),
        ),
    ],
)
def test_a_difference_is_told_in_one_sentence(module: str, before: str, after: str, sentence: str) -> None:
    found = changed(module, before, after)
    assert sentence in [difference.sentence for difference in found]
    assert all(difference.counts for difference in found)


def test_the_evidence_of_a_clause_is_told_by_its_part() -> None:
    found = changed("ledger.errors", 'Part.STATUS: reported("E-21")', 'Part.STATUS: assumed("E-21")')
    assert [difference.sentence for difference in found] == [
        "The clause DRY-1: its evidence of the status was reported('E-21'), and is assumed('E-21')."
    ]


def test_a_rule_that_reads_otherwise_is_named_but_may_do_the_same() -> None:
    found = changed(
        "rules.terminate", "return any(protects(world, choices, i) for", "return all(protects(world, choices, i) for"
    )
    assert [(d.kind, d.change, d.sentence) for d in found] == [
        (Kind.RULE, Change.CHANGED, "The rule partly_refused of rules.terminate: it changed.")
    ]
    assert not found[0].counts


def test_everything_of_a_module_that_only_one_version_has_is_told() -> None:
    found = differences({name: text for name, text in TEXTS.items() if name != "rules.reboot"}, TEXTS)
    assert {difference.change for difference in found} == {Change.ADDED}
    told = [difference.sentence for difference in found]
    assert "The operation RebootInstances is new (reboot)." in told
    assert "The rule unsettled of rules.reboot is new." in told
    assert 'The refusal REBOOT_STATE of RebootInstances is new ("REBOOT-3").' in told


def test_differences_are_told_by_kind_and_each_way() -> None:
    other = {**TEXTS, "states": TEXTS["states"].replace('    STOPPED = "stopped"\n', "")}
    there, back = differences(TEXTS, other), differences(other, TEXTS)
    assert [(d.kind, d.name) for d in there] == [(d.kind, d.name) for d in back]
    assert {d.change for d in there} == {Change.REMOVED}
    assert {d.change for d in back} == {Change.ADDED}


def test_the_entries_are_what_the_specification_has() -> None:
    entries = entries_of(TEXTS, "ours")
    names = {kind: [name for found, name in entries if found is kind] for kind in Kind}
    assert sorted(names[Kind.OPERATION]) == sorted(operation.value for operation in Operation)
    assert names[Kind.CHOICE] == [choice.id for choice in EC2.choices]
    assert sorted(names[Kind.CLAUSE]) == sorted(EC2.clauses)
    assert names[Kind.STEP] == [step.name.name for step in (*EC2.steps, *EC2.volume_steps)]
    assert {f"InstanceState.{state.name}" for state in InstanceState} <= set(names[Kind.MEMBER])
    assert len(names[Kind.REFUSAL]) > sum(len(rules.ladder) for rules in EC2.operations.values()) - len(EC2.operations)
    assert not [name for _, name in entries if name.endswith(" (2)")]


def test_a_text_that_cannot_be_read_is_told_with_its_place() -> None:
    with pytest.raises(DoesNotLoad, match=r"^theirs/rules/stop\.py:2: no Python that can be read: "):
        differences(TEXTS, {**TEXTS, "rules.stop": "\nx = ("}, labels=("ours", "theirs"))
