"""Wrong scenario files: each is refused in one sentence that says what was wrong, where, and what to write instead."""

import pickle
from pathlib import Path

import pytest

from ec2_lifecycle.strategies.files.format import ScenarioError, load_scenario, read_scenario
from ec2_lifecycle.strategies.files.yaml_nodes import LOADERS, parse


def refusal(text: str) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(text, "some.yaml")
    return caught.value


STEPS = "title: t\nsteps:\n  - run: {name: A}\n"
"""The start of a file; what a test adds begins on line 4."""

WRONG_FILES = {
    "empty": ("", 1, "the file is empty; write title:"),
    "only a comment": ("# nothing\n", 1, "the file is empty"),
    "null": ("---\n", 1, "the file is empty"),
    "a list": ("- settle\n", 1, "must be a mapping, not a list"),
    "a text": ("hello\n", 1, 'must be a mapping, not "hello"'),
    "no title": ("steps: [settle]\n", 1, "a scenario file has no title; write title:"),
    "blank title": ("title: ''\nsteps: [settle]\n", 1, "title must be one line of text"),
    "title of two lines": ('title: "a\\nb"\nsteps: [settle]\n', 1, "title must be one line of text"),
    "MinCount above the count": (STEPS + "  - run: {name: B, count: 2, MinCount: 3}\n", 4, "write a count from 3 on"),
    "MinCount of nothing": (STEPS + "  - run: {name: B, MinCount: 0}\n", 4, "MinCount must be a whole number"),
    "a token with a space": (
        STEPS + '  - run: {name: B, ClientToken: "a b"}\n',
        4,
        "ClientToken must be a client token",
    ),
    "a token of two runs": (
        "title: t\nsteps:\n  - run: {name: A, ClientToken: t1}\n  - run: {name: B, ClientToken: t1}\n",
        4,
        "write run-again: {name: A} to send it again",
    ),
    "again without a token": (STEPS + "  - run-again: {name: A}\n", 4, "write ClientToken: t in it"),
    "again of no run": (STEPS + "  - run-again: {name: B}\n", 4, 'no earlier step creates the run "B"'),
    "again with a MinCount": (STEPS + "  - run-again: {name: A, MinCount: 1}\n", 4, 'has no key "MinCount"'),
    "no value for title": ("title:\nsteps: [settle]\n", 1, "title has no value"),
    "no steps": ("title: t\n", 1, "a scenario file has no steps; write steps:"),
    "empty steps": ("title: t\nsteps: []\n", 2, "the scenario has no steps; write at least one"),
    "steps without value": ("title: t\nsteps:\n", 2, "steps must be a list, not nothing"),
    "unknown key": ("tittle: t\nsteps: [settle]\n", 1, 'has no key "tittle"; write title'),
    "key like no other": ("title: t\nxyz: t\n", 2, 'no key "xyz"; write one of title, clauses, steps, finding, format'),
    "duplicate key": ("title: t\ntitle: u\n", 2, 'the key "title" is given twice; write it once'),
    "other format": ("title: t\nformat: 2\nsteps: [settle]\n", 2, "format 2 is unknown"),
    "format in words": ("title: t\nformat: one\nsteps: [settle]\n", 2, "format must be a whole number"),
    "clauses as text": ("title: t\nclauses: TERM-1\nsteps: [settle]\n", 2, "clauses must be a list"),
    "clause twice": ("title: t\nclauses: [TERM-1, TERM-1]\nsteps: [settle]\n", 2, "is named twice"),
    "nested finding": (STEPS + "finding:\n  a: [b]\n", 5, 'finding has a list at "a"; write a text'),
    "finding as text": (STEPS + "finding: f1\n", 4, "finding must be a mapping of texts"),
    "two documents": (STEPS + "---\ntitle: u\n", 4, "a second document starts here"),
    "anchor": ("title: &a t\nsteps: [settle]\n", 1, "anchors (&) and aliases (*) are not used"),
    "anchor on a list": ("title: t\nsteps: &a [settle]\n", 2, "anchors (&) and aliases (*) are not used"),
    "alias": ("title: t\nsteps: *a\n", 2, "anchors (&) and aliases (*) are not used"),
    "tag": ("title: !!python/name:os.system t\n", 1, "tags (!) are not used"),
    "complex key": ("? [a]\n: b\n", 1, "a key must be a text"),
    "deep nesting": ("title: t\nsteps: " + "[" * 100_000, 2, "nested deeper than any scenario"),
    "unclosed bracket": (
        STEPS + "  - stop: [A\n  - settle\n",
        5,
        "this is not YAML (what began on line 4 has no end)",
    ),
    "tab": (STEPS + "\t- settle\n", 4, "indented with a tab; write spaces"),
    "control character": (STEPS + "  - retire: A\x00\n", 4, "the character U+0000 cannot stand in YAML"),
    "lone surrogate": ("title: \ud800\n", 1, "the character U+D800 cannot stand in YAML"),
    "byte order mark inside": ("title: t\n\ufeffsteps: [settle]\n", 2, "the character U+FEFF cannot stand in YAML"),
    "bad escape": ('title: "\\UFFFFFFFF"\n', 1, "there is a number or an escape here that no YAML has"),
    "surrogate escape": ('title: "\\ud800"\n', 1, ""),
}

WRONG_STEPS = {
    "unknown word": ("settel", '"settel" is not a step; write settle'),
    "unknown step": ("terminat: [A]", '"terminat" is not a step; write terminate'),
    "word without value": ("stop", "the step stop needs a value; write `- stop: [A, B]`"),
    "settle with value": ("settle: 3", "settle takes no value; write `- settle`"),
    "two keys": ("{stop: [A], start: [A]}", 'a step has one key, and this has "stop" and "start"'),
    "no key": ("{}", "a step cannot be a mapping"),
    "a list": ("[settle]", "a step cannot be a list"),
    "nothing": ("", "nothing is not a step"),
    "value without list": ("terminate: A", 'terminate must be a list, not "A"; write [A]'),
    "ids missing": ("terminate: {DryRun: true}", "terminate has no ids"),
    "unknown key": ("run: {name: B, zon: 2}", 'run has no key "zon"; write zone'),
    "key in another case": ("stop: {ids: [A], force: true}", 'stop has no key "force"; write Force'),
    "flag of another operation": ("start: {ids: [A], Force: true}", 'start has no key "Force"; write one of'),
    "hibernating terminate": ("terminate: {ids: [A], Hibernate: true}", 'terminate has no key "Hibernate"'),
    "run without mapping": ("run: B", 'run must be a mapping, not "B"; write {name: …}'),
    "run without name": ("run: {zone: 1}", "run has no name"),
    "name with a space": ("run: {name: a b}", "name must be a name (a letter, then letters, digits, - and _), not"),
    "name with a digit first": ("run: {name: 1e3}", 'digits, - and _), not "1e3"; write one like A or web-1'),
    "name twice": ("run: {name: A}", 'step 1 already creates the name "A"; write another name here'),
    "numbered name twice": ("run: {name: A, count: 2, volumes: [{name: A}]}", 'already creates the name "A1"'),
    "volume named as an instance": ("create-volume: {name: A}", 'already creates the name "A"'),
    "volume name twice": ("run: {name: B, volumes: [{name: d}, {name: d}]}", 'this step already creates the name "d"'),
    "device twice": (
        "run: {name: B, volumes: [{name: d, device: /dev/sdf}, {name: e, device: /dev/sdf}]}",
        "two volumes of one run have the device /dev/sdf",
    ),
    "zone zero": ("run: {name: B, zone: 0}", 'zone must be a whole number from 1 to 999999999, not "0"'),
    "zone by name": (
        "run: {name: B, zone: us-east-1a}",
        'zone must be a whole number from 1 to 999999999, not "us-east-1a"',
    ),
    "zone in quotes": ('run: {name: B, zone: "1"}', "zone must be a whole number"),
    "count too large": ("run: {name: B, count: 1002}", "count must be a whole number from 1 to 1001, not"),
    "long number": (f"wait: {'9' * 5000}", "wait must be a whole number"),
    "flag in words": ("run: {name: B, DisableApiStop: yes}", 'must be a flag, not "yes"; write true or false'),
    "flag in quotes": ('run: {name: B, DisableApiStop: "true"}', "must be a flag"),
    "root device": ("run: {name: B, root: instance}", 'root cannot be "instance"; write instance-store'),
    "root as a list": ("run: {name: B, root: []}", "root cannot be a list; write one of ebs, instance-store"),
    "caller": ("stop: {ids: [A], as: someone}", 'as cannot be "someone"; write one of owner, nobody'),
    "unknown instance": (
        "stop: [B]",
        'creates the instance "B" (a dry run creates nothing); write A, or add a run',
    ),
    "misspelt instance": ("stop: [A1]", 'creates the instance "A1" (a dry run creates nothing); write "A"'),
    "gone instance": ("stop: [{gone: B}]", 'creates the instance "B"'),
    "run not made": (
        "stop: [{all: B}]",
        'creates the run "B" (a dry run creates nothing); write A, or add a run for it before this step',
    ),
    "misspelt run": ("stop: [{all: A1}]", 'creates the run "A1" (a dry run creates nothing); write "A"'),
    "all of nothing": ("stop: [{all: }]", "all must be a name"),
    "all without brackets": ("stop: {all: A}", 'stop has no key "all"; write one of ids'),
    "all for one id": (
        "modify: {id: {all: A}, DisableApiStop: true}",
        "id must be one id, and {all: A} may be several; write a name",
    ),
    "all for one push": ("retire: {all: A}", "retire must be a name"),
    "pushed instance": ("retire: B", 'creates the instance "B"'),
    "pushed unknown id": ("retire: {unknown: 1}", "retire must be a name"),
    "form of id": ("stop: [{unknwon: 1}]", '"unknwon" is not a form of id; write unknown'),
    "two forms of id": ("stop: [{unknown: 1, gone: A}]", "must be an id, not a mapping; write a name, or one of"),
    "well-formed id": ('stop: [{malformed: "i-0123456789abcdef0"}]', "is a well-formed id; write {unknown: 1}"),
    "well-formed short id": ('stop: [{malformed: "i-0123abcd"}]', "is a well-formed id"),
    "malformed by nothing": ("stop: [{malformed: }]", "malformed has no value"),
    "malformed by a list": ("stop: [{malformed: []}]", "malformed must be a text, not a list"),
    "volume not made": (
        "detach: {volume: v}",
        'creates the volume "v" (a dry run creates nothing); add a run or a create',
    ),
    "volume of no instance": ("describe-volumes: [B.root]", 'creates the instance "B"'),
    "volume form": ("describe-volumes: [A.disk]", 'must be a volume, not "A.disk"; write one like d, A.root or A./dev'),
    "device form": ("attach: {volume: A.root, id: A, device: sdg}", 'device must be a device, not "sdg"'),
    "no attribute": ("modify: {id: A}", "modify has no attribute; write one of DisableApiTermination"),
    "two attributes": (
        "modify: {id: A, DisableApiStop: true, DisableApiTermination: true}",
        "EC2 modifies one attribute per call, and this has DisableApiStop and DisableApiTermination; write a step",
    ),
    "misspelt attribute": ("modify: {id: A, DisableApiStopp: true}", 'no key "DisableApiStopp"; write DisableApiStop'),
    "modify without mapping": ("modify: A", 'modify must be a mapping, not "A"'),
    "volume change": ("modify: {id: A, BlockDeviceMappings: {volume: A.root}}", "has no DeleteOnTermination"),
    "attribute name": ("describe-attribute: {id: A, attribute: disableApiStop}", "write DisableApiStop"),
    "wait for a word": ("wait: {seconds: 3}", "wait must be a whole number from 1 to 999999999, not a mapping"),
}


@pytest.mark.parametrize(("text", "line", "message"), WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_a_wrong_file_is_refused_in_a_sentence_with_its_line(text: str, line: int, message: str) -> None:
    error = refusal(text)
    assert str(error).startswith(f"some.yaml:{line}: ")
    assert message in error.message


@pytest.mark.parametrize(("step", "message"), WRONG_STEPS.values(), ids=WRONG_STEPS.keys())
def test_a_wrong_step_is_refused_in_a_sentence_with_its_line(step: str, message: str) -> None:
    error = refusal(f"{STEPS}  - {step}\n")
    assert error.line == 4
    assert message in error.message
    assert "\n" not in str(error)


def test_a_wrong_name_in_a_long_step_is_found_on_its_own_line() -> None:
    assert refusal(STEPS + "  - stop:\n    - A\n    - B\n").line == 6


@pytest.mark.parametrize("setting", ["DryRun: true", "as: nobody"])
def test_there_is_nothing_in_a_run_that_makes_nothing(setting: str) -> None:
    error = refusal(f"title: t\nsteps:\n  - run: {{name: A, {setting}}}\n  - stop: [{{all: A}}]\n")
    assert error.line == 4
    assert error.message.startswith('no earlier step creates the run "A" (a dry run creates nothing); add a run')


def test_one_instance_of_a_run_is_no_run() -> None:
    error = refusal("title: t\nsteps:\n  - run: {name: A, count: 2}\n  - stop:\n    - A1\n    - {all: A2}\n")
    assert error.line == 6
    assert 'creates the run "A2" (a dry run creates nothing); write "A"' in error.message


def test_an_unknown_clause_is_refused_where_the_clauses_are_known() -> None:
    text = "title: t\nclauses: [term-4, NEW-1]\nsteps: [settle]\n"
    assert read_scenario(text, "a").clauses == ("term-4", "NEW-1")
    with pytest.raises(ScenarioError, match=r'^a:2: "term-4" is not a clause; write TERM-4$'):
        read_scenario(text, "a", known_clauses={"TERM-4", "NEW-1"})


def test_a_file_that_is_no_text_or_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"title: t\n\xff\xfe")
    with pytest.raises(ScenarioError, match=r"binary\.yaml:2: byte 10 of the file is not UTF-8; write"):
        load_scenario(binary)
    with pytest.raises(ScenarioError, match=r"none\.yaml: cannot be read \(no such file or directory\); name a"):
        load_scenario(tmp_path / "none.yaml")
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(tmp_path)


def test_an_error_survives_the_way_from_another_process() -> None:
    error = refusal("")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 (its own)


NOT_YAML = ["two documents", "alias", "unclosed bracket", "deep nesting", "bad escape", "surrogate escape"]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("text", [WRONG_FILES[name][0] for name in NOT_YAML], ids=NOT_YAML)
def test_whatever_parser_is_installed_refuses_what_is_not_yaml(text: str, loader: type) -> None:
    with pytest.raises(ScenarioError):
        parse(text, "some.yaml", loader)
