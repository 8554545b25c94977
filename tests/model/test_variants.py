"""Other versions of the specification live beside the original: they answer for themselves, and leave no trace."""

import gc
import inspect
import linecache
import pkgutil
import sys
import weakref
from collections.abc import Iterable, Mapping
from types import FunctionType

import pytest
from hypothesis import given, settings
from situations import Situation, situations

from ec2_lifecycle import model
from ec2_lifecycle.model.choices import PREFERRED
from ec2_lifecycle.model.outcomes import Rung
from ec2_lifecycle.model.proof.variants import SHARED, VARYING, DoesNotLoad, load, load_modules, sources
from ec2_lifecycle.model.requests import BatchRequest, Operation
from ec2_lifecycle.model.specification import EC2, Specification
from ec2_lifecycle.model.states import InstanceState, Visibility
from ec2_lifecycle.model.step import execute, permitted_refusals
from ec2_lifecycle.model.world import Instance, InstanceRecord, World, Zone

TO_SHUTTING_DOWN = 'RUNNING: Row(SHUTTING_DOWN, "TERM-13")'
AMONG_NAMED = "return any(protects(world, choices, i) for"
IN_ZONE = "return any(protects(world, choices, i) and"

# A statement that is no definition: a module that has one is run again, whole.
ANEW = load({name: f"{text}\nassert True\n" for name, text in sources().items()}, "anew")


def changed(module: str, before: str, after: str) -> Mapping[str, str]:
    """Return the texts with a change in one, which occurs once."""
    text = sources()[module]
    assert text.count(before) == 1
    return {**sources(), module: text.replace(before, after)}


def rule(spec: Specification, name: str) -> FunctionType:
    """Return a rule by its name in the module of TerminateInstances."""
    terminate = spec.operations[Operation.TERMINATE].instance
    assert terminate is not None
    return inspect.unwrap(terminate.__globals__[name])


def told(rung: Rung) -> object:
    return rung.refusal, rung.clause, rung.code, rung.status, rung.wordings, rung.after, rung.by_zone, rung.names_kin


def answers(spec: Specification, s: Situation) -> object:
    """Return all that a specification permits in a situation: each refusal or success, and the world after it."""
    rungs = permitted_refusals(spec, s.world, s.request, s.choices) or (None,)
    return [
        (rung and told(rung), execute(spec, s.world, s.request, s.choices, rung).world) for rung in rungs
    ], background(spec, s)


def background(spec: Specification, s: Situation) -> object:
    """Return what EC2 may do by itself in a situation, and what is at rest."""
    return (
        {
            (i, step.name.value, step.clause, step.spontaneous): step.after(s.world, i)
            for step in spec.steps
            for i in s.world.instances
            if step.enabled(s.world, i)
        },
        {
            (v, step.name.value, step.clause): step.after(s.world, v)
            for step in spec.volume_steps
            for v in s.world.volumes
            if step.enabled(s.world, s.choices, v)
        },
        [spec.at_rest(s.world, i) for i in s.world.instances],
        [spec.volume_at_rest(s.world, v) for v in s.world.volumes],
    )


@settings(max_examples=300, database=None, deadline=None)
@given(situations())
def test_the_original_loaded_anew_answers_as_the_original_does(s: Situation) -> None:
    assert answers(ANEW, s) == answers(EC2, s)


def test_what_was_loaded_anew_is_really_another() -> None:
    assert rule(ANEW, "shielded") is not rule(EC2, "shielded")
    assert all(new.after is not old.after for new, old in zip(ANEW.steps, EC2.steps, strict=True))
    assert isinstance(ANEW, Specification)


def test_a_text_that_says_the_same_gives_the_original() -> None:
    assert load({name: f"# A comment.\n{text}\n" for name, text in sources().items()}, "same", shared=()) is EC2


def after_terminate(spec: Specification) -> InstanceState:
    i = Instance("A")
    world = World({i: InstanceRecord(Zone("1"), InstanceState.RUNNING, visibility=Visibility.VISIBLE)})
    request = BatchRequest(Operation.TERMINATE, instances=(i,))
    return execute(spec, world, request, PREFERRED, None).world.state(i)


def test_two_variants_and_the_original_live_side_by_side() -> None:
    stopped = load(changed("lifecycle", TO_SHUTTING_DOWN, 'RUNNING: Row(STOPPED, "TERM-13")'), "stopped")
    kept = load(changed("lifecycle", TO_SHUTTING_DOWN, 'RUNNING: Row(RUNNING, "TERM-13")'), "kept")
    assert after_terminate(stopped) is InstanceState.STOPPED
    assert after_terminate(kept) is InstanceState.RUNNING
    assert after_terminate(EC2) is InstanceState.SHUTTING_DOWN


def test_a_rule_of_a_variant_shows_its_own_source() -> None:
    variant = load(changed("rules.terminate", IN_ZONE, IN_ZONE.replace("any", "all")), "all")
    assert "return all(" in inspect.getsource(rule(variant, "shielded"))
    assert "return any(" in inspect.getsource(rule(EC2, "shielded"))
    assert rule(variant, "shielded").__code__.co_filename == "all/rules/terminate.py"


def test_each_of_two_variants_with_one_name_shows_its_own_source() -> None:
    one = load(changed("rules.terminate", AMONG_NAMED, AMONG_NAMED.replace("any", "all")), "twice")
    other = load(changed("rules.terminate", AMONG_NAMED, AMONG_NAMED.replace("any", "not any")), "twice")
    assert "return all(" in inspect.getsource(rule(one, "partly_refused"))
    del one
    gc.collect()
    assert "return not any(" in inspect.getsource(rule(other, "partly_refused"))


def test_only_what_reads_otherwise_or_names_such_is_made_again() -> None:
    variant = load(changed("rules.terminate", IN_ZONE, IN_ZONE.replace("any", "all")), "part")
    assert rule(variant, "shielded") is not rule(EC2, "shielded")
    assert rule(variant, "terminate") is not rule(EC2, "terminate")
    assert rule(variant, "partly_refused") is rule(EC2, "partly_refused")
    assert variant.operations[Operation.STOP] is EC2.operations[Operation.STOP]
    assert variant.steps is EC2.steps


def test_a_change_in_a_table_reaches_every_rule_that_reads_it() -> None:
    variant = load(changed("lifecycle", TO_SHUTTING_DOWN, 'RUNNING: Row(STOPPED, "TERM-13")'), "reach")
    made_again = {new.name.name for new, old in zip(variant.steps, EC2.steps, strict=True) if new != old}
    assert made_again == {"FATE_TERMINATES"}


def test_enums_and_records_stay_the_ones_that_all_know() -> None:
    variant = load(changed("background", "cause=Cause.NONE)", "cause=Cause.OPEN)"), "runs")
    assert variant.steps is not EC2.steps
    assert [step.name for step in variant.steps] == [step.name for step in EC2.steps]
    assert type(variant.steps[0]) is type(EC2.steps[0])
    assert variant.choices is EC2.choices


def test_the_members_of_an_enum_that_gained_one_stay_the_ones_that_all_know() -> None:
    more = changed(
        "background", '    RETIREMENT = "EC2 retires it"\n', '    RETIREMENT = "EC2 retires it"\n    LOSS = "loss"\n'
    )
    variant = load(more, "more")
    assert [step.name for step in variant.steps] == [step.name for step in EC2.steps]
    assert variant.steps == EC2.steps
    shown = load(changed("rules.describe", '    VPC = "VpcId"\n', '    VPC = "VpcId"\n    ARN = "Arn"\n'), "shown")
    assert shown.shapes == EC2.shapes


def test_choices_and_clauses_vary_where_they_are_not_shared() -> None:
    texts = changed("choices", '"dead-protected",', '"dead",')
    assert load(texts, "shared").choices is EC2.choices
    variant = load(texts, "own", shared=())
    assert [choice.id for choice in variant.choices][:2] == ["dead", EC2.choices[1].id]
    assert variant.choices[1] is EC2.choices[1]
    assert variant.clauses is EC2.clauses


def test_tables_that_no_operation_holds_are_there_as_well() -> None:
    modules, _ = load_modules(changed("lifecycle", "SHUTTING_DOWN: (TERMINATED,)", "SHUTTING_DOWN: ()"), "tables")
    assert vars(modules["lifecycle"])["TRANSITIONS"][InstanceState.SHUTTING_DOWN] == ()


def test_a_version_that_lacks_a_field_of_the_specification_has_it_as_the_original_does() -> None:
    text = sources()["specification"]
    older = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("    at_rest: "))
    assert older != text
    variant = load({**sources(), "specification": older}, "older")
    assert variant.at_rest is EC2.at_rest


def test_a_variant_leaves_no_trace_once_it_is_dropped() -> None:
    before = set(sys.modules)
    variant = load(changed("rules.terminate", IN_ZONE, IN_ZONE.replace("any", "all")), "dropped")
    assert set(sys.modules) == before
    assert "dropped/rules/terminate.py" in linecache.cache
    gone = weakref.ref(rule(variant, "shielded"))
    del variant
    gc.collect()
    assert gone() is None
    assert "dropped/rules/terminate.py" not in linecache.cache


@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        ("rules.stop", "\nRULES = (", "rules/stop.py:2: no Python that can be read: "),
        ("rules.stop", "x = '\0'", "rules/stop.py:1: no Python that can be read: "),
        ("rules.stop", "\n\nRULES = 1 / 0", "rules/stop.py:3: ZeroDivisionError: "),
        ("rules.stop", "from ..nowhere import x", "rules/stop.py:1: ModuleNotFoundError: there is no module nowhere."),
        (
            "rules.stop",
            "from ...strategies import x",
            "rules/stop.py:1: ImportError: ...strategies is not in the model.",
        ),
        ("rules.stop", "from ..states import Mood", "rules/stop.py:1: ImportError: states has no Mood."),
        ("rules.stop", "import ec2_lifecycle.model.states", "import it relatively."),
        ("rules.stop", "RULE = 1", "specification.py:"),
        ("ledger", "CLAUSES = {}['x']", "ledger/__init__.py:1: KeyError: "),
        ("specification", "EC3 = 1", "specification.py:1: there is no EC2; a specification has one."),
        ("specification", "EC2 = 1", "specification.py:1: EC2 is no specification: "),
    ],
)
def test_a_text_that_does_not_load_is_told_with_its_place(module: str, text: str, said: str) -> None:
    with pytest.raises(DoesNotLoad) as caught:
        load({**sources(), module: text}, "broken", shared=())
    message = str(caught.value)
    assert message.startswith("broken/")
    assert said in message
    assert message.count("\n") == 0


def test_what_a_function_of_the_original_does_wrong_is_told_where_the_variant_calls_it() -> None:
    with pytest.raises(DoesNotLoad, match=r"^broken/lifecycle\.py:\d+: TypeError: "):
        load(changed("lifecycle", 'Row(STOPPED, "STOP-2")', "Row(STOPPED)"), "broken")


def test_every_module_below_the_model_varies_or_is_shared_or_takes_the_specification_as_an_argument() -> None:
    found = {name.removeprefix(f"{model.__name__}.") for name in modules_below(model.__name__, model.__path__)}
    users = {name for name in found if name.split(".")[0] in ("step", "theorems", "proof", "reach")}
    users |= {
        name for name in found if name.split(".")[0] in ("evidence", "questions")
    }  # looked up by the ids of clauses
    assert found - users == SHARED | set(VARYING)


def modules_below(package: str, path: Iterable[str]) -> list[str]:
    return [module.name for module in pkgutil.walk_packages(path, f"{package}.")]
