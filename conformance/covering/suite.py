"""The covering suite as it is kept: scenario files, and a manifest that says what each is for."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

import msgspec

from ...reports.misfits import mistake_in
from ...reports.os_reasons import os_reason
from ...strategies.files.format import dump_scenario, load_scenario
from ...strategies.scenario.scenario import Scenario
from .adversaries import Adversary

MANIFEST: Final = "manifest.json"


class Kind(Enum):
    """What can be said of a mutant."""

    KILLABLE = "killable"
    """It permits what the specification forbids, and a scenario of the suite shows it."""
    EQUIVALENT = "equivalent"
    """It permits just what the specification permits."""
    TIGHTER = "tighter"
    """Whatever it does the specification permits too."""
    UNREACHABLE = "unreachable by API calls"
    """It differs only in what no caller can bring about."""
    ASSUMED = "only assumed"
    """It breaks only what is assumed, which makes no finding."""
    OPEN = "open"
    """It differs, and nothing here shows how it could be told."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one mutant: why, or the scenarios of the suite that kill it, each with the way to play it."""

    mutant: str
    kind: Kind
    why: str = ""
    killed_by: tuple[tuple[str, Adversary], ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """The scenarios by the names of their files, and a verdict on every mutant.

    `calls` is what the suite costs where everything comes to rest at once,
    `bound` what every suite of the candidates costs at least; `digest` stands for the specification.
    """

    digest: str
    scenarios: Mapping[str, Scenario]
    calls: Mapping[str, int]
    racy: frozenset[str]
    bound: int
    verdicts: tuple[Verdict, ...]

    @property
    def totals(self) -> dict[str, int]:
        """Return the figures: mutants by kind, scenarios, calls."""
        kinds = Counter(verdict.kind for verdict in self.verdicts)
        return {
            "mutants": len(self.verdicts),
            **{kind.value: kinds[kind] for kind in Kind},
            "scenarios": len(self.scenarios),
            "racy scenarios": len(self.racy),
            "calls": sum(self.calls.values()),
            "lower bound of the calls": self.bound,
        }


class SuiteError(Exception):
    """The kept suite cannot be read; the message says where and what to do."""


def save(suite: Suite, folder: Path) -> None:
    """Write the files of a suite; files of an earlier one that are not of this one are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.yaml"):
        if path.stem not in suite.scenarios:
            path.unlink()
    for name, scenario in suite.scenarios.items():
        (folder / f"{name}.yaml").write_text(dump_scenario(scenario), encoding="utf-8")
    (folder / MANIFEST).write_text(_written(suite), encoding="utf-8")


def _written(suite: Suite) -> str:
    """Return the text of the manifest: a line for each scenario and each mutant, so that a change of it can be read."""
    scenarios = {
        name: {"calls": suite.calls[name], **({"racy": True} if name in suite.racy else {})} for name in suite.scenarios
    }
    mutants = {verdict.mutant: _as_data(verdict) for verdict in suite.verdicts}
    parts = {
        "specification": json.dumps(suite.digest),
        "totals": _lines(suite.totals),
        "scenarios": _lines(scenarios),
        "mutants": _lines(mutants),
    }
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {text}" for key, text in parts.items()) + "\n}\n"


def _lines(data: Mapping[str, object]) -> str:
    lines = (f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in data.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _as_data(verdict: Verdict) -> dict[str, object]:
    if verdict.killed_by:
        return {"killed by": {name: _settings(playing) for name, playing in verdict.killed_by}}
    return {verdict.kind.value: verdict.why}


def _settings(playing: Adversary) -> dict[str, object]:
    """Return how a mutant is played, without what is so anyway."""
    plain = asdict(Adversary())
    given = {key: value for key, value in asdict(playing).items() if value != plain[key]}
    return {key: dict(value) if key == "picks" else value for key, value in given.items()}


class _Manifest(msgspec.Struct):
    specification: str
    totals: dict[str, int]
    scenarios: dict[str, dict[str, Any]]
    mutants: dict[str, dict[str, Any]]


def load(folder: Path) -> Suite:
    """Return the suite that is kept in a folder; raises `SuiteError`."""
    path = folder / MANIFEST
    again = "derive the suite again: ec2-lifecycle derive"
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SuiteError(f"{path}: {os_reason(error)}; {again}") from error
    no_manifest = f"{path}: this is no manifest of a covering suite"
    try:
        manifest = msgspec.json.decode(text, type=_Manifest)
    except (ValueError, RecursionError) as error:
        raise SuiteError(f"{no_manifest} ({mistake_in(text, _Manifest)}); {again}") from error
    verdicts: list[Verdict] = []
    for name, data in manifest.mutants.items():
        try:
            verdicts.append(_verdict(name, data))
        except (ValueError, TypeError, AttributeError) as error:
            raise SuiteError(f"{no_manifest} (what it says of {name} cannot be read); {again}") from error
    lacking = [name for name in manifest.scenarios if not (folder / f"{name}.yaml").is_file()]
    if lacking:
        raise SuiteError(f"{path}: there is no file {lacking[0]}.yaml beside it; {again}")
    return Suite(
        digest=manifest.specification,
        scenarios={name: load_scenario(folder / f"{name}.yaml") for name in manifest.scenarios},
        calls={name: data["calls"] for name, data in manifest.scenarios.items()},
        racy=frozenset(name for name, data in manifest.scenarios.items() if data.get("racy")),
        bound=manifest.totals["lower bound of the calls"],
        verdicts=tuple(verdicts),
    )


def _verdict(mutant: str, data: Mapping[str, Any]) -> Verdict:
    ((kind, value),) = data.items()
    if kind == "killed by":
        killed_by = tuple((name, _playing(settings)) for name, settings in value.items())
        return Verdict(mutant, Kind.KILLABLE, "", killed_by)
    return Verdict(mutant, Kind(kind), str(value))


def _playing(settings: Mapping[str, Any]) -> Adversary:
    plain: dict[str, Any] = dict(settings)
    picks: Mapping[str, str] = plain.pop("picks", {})
    return Adversary(picks=tuple(sorted(picks.items())), **plain)
