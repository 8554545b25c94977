"""Saves and loads the covering suite: scenario files, and a manifest that says what each is for."""

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
    """The verdicts on mutants."""

    KILLABLE = "killable"
    """It permits what the specification forbids, and a scenario of the suite shows it."""
    EQUIVALENT = "equivalent"
    """It permits exactly what the specification permits."""
    TIGHTER = "tighter"
    """The specification permits everything that it does."""
    UNREACHABLE = "unreachable by API calls"
    """It differs only in what no caller can cause."""
    ASSUMED = "only assumed"
    """It breaks only assumptions, which make no finding."""
    OPEN = "open"
    """It may differ, but no candidate shows how."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one mutant: a reason, or the scenarios that kill it, each with the way to play it."""

    mutant: str
    kind: Kind
    why: str = ""
    killed_by: tuple[tuple[str, Adversary], ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """The scenarios by the names of their files, and a verdict on every mutant.

    `calls` are the calls per scenario if everything comes to rest at once; `bound` is a lower bound of the calls of
    any suite of these candidates; `digest` identifies the specification.
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
    """The stored suite cannot be read; the message says where and what to do."""


def save(suite: Suite, folder: Path) -> None:
    """Write the files of a suite, and remove files of an earlier suite."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.yaml"):
        if path.stem not in suite.scenarios:
            path.unlink()
    for name, scenario in suite.scenarios.items():
        (folder / f"{name}.yaml").write_text(dump_scenario(scenario), encoding="utf-8")
    (folder / MANIFEST).write_text(_written(suite), encoding="utf-8")


def _written(suite: Suite) -> str:
    """Return the text of the manifest: one line per scenario and mutant, so that diffs are readable."""
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
    """Return how a mutant is played, without default values."""
    plain = asdict(Adversary())
    given = {key: value for key, value in asdict(playing).items() if value != plain[key]}
    return {key: dict(value) if key == "picks" else value for key, value in given.items()}


class _Manifest(msgspec.Struct):
    specification: str
    totals: dict[str, int]
    scenarios: dict[str, dict[str, Any]]
    mutants: dict[str, dict[str, Any]]


def load(folder: Path) -> Suite:
    """Return the suite in a folder; raises `SuiteError`."""
    path = folder / MANIFEST
    again = "derive the suite again: ec2-lifecycle derive"
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SuiteError(f"{path}: {os_reason(error)}; {again}") from error
    no_manifest = f"{path}: this is not the manifest of a covering suite"
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
