"""The pytest plugin: options and report of the installable suite, and the oracle around a user's own clients.

pytest loads it in every run wherever the project is installed, so it imports the rest only when needed.
"""

import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from .defect_report import KNOWN, MET, NEW, DefectReport, attach
from .options import FOLDER, OLD_SUITE, OPTIONS, SUITE, Options, make_target, target_problem

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from ..emulator.double import Ec2Double
    from ..findings.waivers import Waiver
    from .judging import Judge, Judging
    from .met import Met

_HINT: Final = "To leave out known findings, name the target and its waivers: --ec2-target=TARGET --ec2-waivers=FILE."
_SECTION: Final = "ec2-lifecycle: replies that EC2 would not have given"
_KNOWN_SECTION: Final = "ec2-lifecycle: known replies that EC2 would not have given"
_CALLS_SECTION: Final = "ec2-lifecycle: the last calls of the double"
_ACTIVE_MODELS: Final = "ec2_lifecycle.conformance.emulator.active_models"
_MOST_CALLS: Final = 20
"""So many calls of a double are shown."""
_JUDGES: Final = pytest.StashKey["list[Judge]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; each except --ec2-judge has an ini setting of the same name."""
    group = parser.getgroup("ec2-lifecycle", "conformance to EC2's instance lifecycle")
    group.addoption("--ec2-target", metavar="TARGET", help="what the suite is run against: moto, endpoint:URL, …")
    group.addoption("--ec2-waivers", metavar="FILE", help="known findings, each with a reason (TOML)")
    group.addoption("--ec2-clauses", metavar="IDS", help="report only what breaks these clauses (TERM-4,TERM-5)")
    group.addoption("--ec2-seed", metavar="N", help="seed of what is left to chance (default: 0)")
    group.addoption(
        "--ec2-judge",
        action="store_true",
        help="hold every EC2 client that boto3 makes in a test to the specification",
    )
    parser.addini("ec2_target", "what the conformance suite is run against")
    parser.addini("ec2_waivers", "file of known findings, relative to the root folder of the tests")
    parser.addini("ec2_clauses", "the clauses of which breaches are reported, such as TERM-4,TERM-5 (default: all)")
    parser.addini("ec2_seed", "seed of what the conformance suite leaves to chance")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers and read the options; a wrong option ends the run at once."""
    config.addinivalue_line("markers", "clause(id): a promise of EC2 that a test of the conformance suite is about")
    config.addinivalue_line("markers", "ec2_double(**settings): how the model behaves behind the fixture ec2_double")
    config.stash[OPTIONS] = _options(config)
    _rename_the_old_suite(config)
    if not hasattr(config, "workerinput"):
        _register_reports(config)
    if config.getoption("--ec2-judge"):
        from .judging.all_clients import EveryClient

        config.pluginmanager.register(EveryClient(), "ec2-lifecycle-every-client")


def _register_reports(config: pytest.Config) -> None:
    """Register what reports at the end, in the process that does."""
    options = config.stash[OPTIONS]
    config.pluginmanager.register(DefectReport(options), "ec2-lifecycle-defects")
    if options.target:
        from .suite.suite_report import SuiteReport

        config.pluginmanager.register(SuiteReport(options), "ec2-lifecycle-strict")


def _rename_the_old_suite(config: pytest.Config) -> None:
    """Replace the old name of the suite among the arguments, with a warning."""
    for at, argument in enumerate(config.args):
        name, colons, test = argument.partition("::")
        if name == OLD_SUITE or name.startswith(f"{OLD_SUITE}."):
            new = SUITE + name.removeprefix(OLD_SUITE)
            config.args[at] = f"{new}{colons}{test}"
            text = f"--pyargs {name} is deprecated; write --pyargs {new} instead."
            config.issue_config_time_warning(pytest.PytestDeprecationWarning(text), stacklevel=2)


def _options(config: pytest.Config) -> Options:
    seed = _option(config, "seed") or "0"
    if not seed.isdecimal():
        raise pytest.UsageError(f"--ec2-seed is {seed!r}; write a whole number of at least 0.")
    return Options(_option(config, "target"), int(seed), _waivers(config), _clauses(config))


def _option(config: pytest.Config, name: str) -> str:
    given: str | None = config.getoption(f"--ec2-{name}")
    return str(config.getini(f"ec2_{name}") or "") if given is None else given


def _waivers(config: pytest.Config) -> "tuple[Waiver, ...]":
    file = _option(config, "waivers")
    if not file:
        return ()
    from ..findings.waiver_file import WaiverError, load_waivers

    here = config.invocation_params.dir if config.getoption("--ec2-waivers") else config.rootpath
    try:
        return load_waivers(here / file)
    except WaiverError as error:
        raise pytest.UsageError(str(error)) from None


def _clauses(config: pytest.Config) -> frozenset[str]:
    text = _option(config, "clauses")
    if not text:
        return frozenset()
    from ..commands.shared_options import known_clauses
    from ..commands.shell import WrongUsage

    try:
        return known_clauses(text, "--ec2-clauses")
    except WrongUsage as error:
        raise pytest.UsageError(str(error)) from None


# The suite.


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """If the suite is to run, try its target first: one sentence instead of a failure for each test."""
    config = session.config
    if not any(map(_is_suite, config.args)) or config.getoption("collectonly") or hasattr(config, "workerinput"):
        return
    if (sentence := target_problem(config)) is not None:
        raise pytest.UsageError(sentence)
    if config.getoption("dist", "no") != "no":  # each worker process creates its own target
        make_target(config).close()


def _is_suite(argument: str) -> bool:
    """Tell whether a pytest argument names the suite or a part of it."""
    name = argument.partition("::")[0]
    return name == SUITE or name.startswith(f"{SUITE}.") or Path(name).resolve().is_relative_to(FOLDER)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Return the header line with the suite's target."""
    options = config.stash[OPTIONS]
    return f"ec2-lifecycle: target {options.target}, seed {options.seed}" if options.target else None


# The oracle around a user's own clients.


@pytest.fixture
def ec2_judging(pytestconfig: pytest.Config) -> "Judging":
    """Return how `ec2_judged` judges; override it for other delays, another clock, or to raise at once.

    It skips findings waived for the target of --ec2-target in any version, because a client does not know its version.
    """
    from ..findings.waivers import waivers_of
    from .judging import Judging

    options = pytestconfig.stash[OPTIONS]
    waivers = waivers_of(options.waivers, options.target, date.today())  # noqa: DTZ011 (the user's day)
    return Judging(waivers=waivers, clauses=options.clauses)


@pytest.fixture
def ec2_judged(request: pytest.FixtureRequest, ec2_judging: "Judging") -> "Generator[Judge]":
    """Return a function that takes a boto3 client or resource of EC2, watches its calls, and returns it.

    The test fails if a reply is one that EC2 would not have given.
    """
    from .judging import Judge

    clauses = request.config.stash[OPTIONS].clauses
    judge = Judge(replace(ec2_judging, clauses=clauses) if clauses else ec2_judging)
    request.node.stash.setdefault(_JUDGES, []).append(judge)
    yield judge
    judge.close()
    if (text := _new_findings(judge)) is not None:  # from calls after the test itself
        pytest.fail(text, pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> "Generator[None, pytest.TestReport, pytest.TestReport]":
    """Add its findings to the report of a test that failed anyway, and the defects that it met to its last report."""
    report = yield
    if report.when == "call" and call.excinfo is not None:
        texts = [text for judge in _judges(item) if (text := _new_findings(judge)) is not None]
        report.sections.extend((_SECTION, text) for text in texts)
        report.sections.extend((_KNOWN_SECTION, text) for judge in _judges(item) if (text := _known_findings(judge)))
        report.sections.extend((_CALLS_SECTION, text) for text in _last_calls())
    if report.when == "teardown":
        of_the_suite: dict[str, list[Met]] = {}
        met = {**item.stash.get(MET, of_the_suite), **_met(_judges(item))}
        if any(met.values()):
            attach(report, met)
            names = {NEW: "ec2_finding", KNOWN: "ec2_known_finding"}
            report.user_properties.extend((names[kind], one.finding.id) for kind in names for one in met.get(kind, ()))
    return report


def _met(judges: "list[Judge]") -> "dict[str, list[Met]]":
    """Return the defects that the judges of a test saw, the new ones and the known ones."""
    return {
        NEW: [one for judge in judges for one in judge.met(judge.findings)],
        KNOWN: [one for judge in judges for one in judge.met(judge.known_findings)],
    }


# The model instead of EC2.


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Forget the doubles of earlier tests."""
    active: Any = sys.modules.get(_ACTIVE_MODELS)
    if active is not None:
        active.ENTERED.clear()


def _last_calls() -> "Iterator[str]":
    """Yield the last calls of each double that a failed test entered, each with the reasons for its answer."""
    active: Any = sys.modules.get(_ACTIVE_MODELS)  # it is imported only where there is a double
    if active is None:
        return
    for model in active.ENTERED:
        calls = tuple(model.calls)
        if calls:
            earlier = [f"({len(calls) - _MOST_CALLS} earlier calls)"] if len(calls) > _MOST_CALLS else []
            yield "\n".join([*earlier, *map(model.explain, calls[-_MOST_CALLS:])])


@pytest.fixture
def ec2_double(request: pytest.FixtureRequest) -> "Generator[Ec2Double]":
    """Return the double, entered: until the test is over, boto3's EC2 and STS are the model.

    Settings come from a marker: `@pytest.mark.ec2_double(behaviour="adversarial", delays="usual")`.
    """
    from ..emulator.double import Ec2Double

    with ExitStack() as entered:
        try:
            double = entered.enter_context(Ec2Double(**_marker_settings(request.node.iter_markers("ec2_double"))))
        except (TypeError, ValueError) as error:  # of a setting, or of a world
            pytest.fail(f"The marker ec2_double of {request.node.nodeid}: {error}", pytrace=False)
        yield double


def _marker_settings(markers: "Iterator[pytest.Mark]") -> dict[str, Any]:
    """Return the settings of all markers, the closest of which has the last word; TypeError for a wrong name."""
    from inspect import signature

    from ...strategies.files.yaml_nodes import suggestion
    from ..emulator.server.options import settings_of

    known = (*signature(settings_of).parameters, "world", "spec")
    settings: dict[str, Any] = {}
    for marker in markers:
        if marker.args:
            raise TypeError(f"write keywords, such as behaviour={marker.args[0]!r}")
        for name in marker.kwargs:
            if name not in known:
                raise TypeError(f"there is no setting {name}; {suggestion(name, known)}")
        settings = {**marker.kwargs, **settings}
    return settings


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> "Generator[None]":
    """Fail a test whose clients got replies that EC2 would not have given."""
    yield
    texts = [text for judge in _judges(item) if (text := _new_findings(judge)) is not None]
    if texts:
        if not item.config.stash[OPTIONS].waivers:
            texts.append(_HINT)
        pytest.fail("\n\n".join(texts), pytrace=False)


def _judges(item: pytest.Item) -> "list[Judge]":
    nobody: list[Judge] = []
    return item.stash.get(_JUDGES, nobody)


def _new_findings(judge: "Judge") -> str | None:
    """Return the judge's new findings in brief, or None; the end of the run has them in full."""
    from ...reports.harm import ranked
    from .diverged import CallsDiverged
    from .judging.findings import brief_text

    try:
        judge.check()
    except CallsDiverged as diverged:
        return "\n\n".join(map(brief_text, ranked(diverged.findings)))
    return None


def _known_findings(judge: "Judge") -> str:
    """Return the known findings that a judge saw, in brief, the worst first: a test may have failed because of one."""
    from ...reports.harm import ranked
    from .judging.findings import brief_text

    return "\n\n".join(map(brief_text, ranked(judge.known_findings)))
