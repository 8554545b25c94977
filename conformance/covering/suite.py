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


FAULT: Final = "fault/"
"""The ids of planted faults begin so."""


@dataclass(frozen=True, slots=True)
class LayerFigures:
    """The figures of one layer: its scenarios, their calls, a lower bound of the calls, and what they kill first.

    The bound holds for all suites that have the layers before this one, as far as it is known what each scenario kills.
    """

    scenarios: int
    calls: int
    bound: int
    kills: int


@dataclass(frozen=True, slots=True)
class Suite:
    """The scenarios by the names of their files, in the order of play, and a verdict on every mutant and fault.

    `calls` are the calls per scenario if everything comes to rest at once; `layer_of` says what each needs of a target.
    `exercises` are the clauses for which a scenario is in the suite. `digest` identifies the specification.
    """

    digest: str
    scenarios: Mapping[str, Scenario]
    calls: Mapping[str, int]
    racy: frozenset[str]
    layers: Mapping[str, LayerFigures]
    layer_of: Mapping[str, str]
    patterns: frozenset[str]
    exercises: Mapping[str, tuple[str, ...]]
    verdicts: tuple[Verdict, ...]

    @property
    def bound(self) -> int:
        """The sum of the bounds of the layers."""
        return sum(layer.bound for layer in self.layers.values())

    @property
    def totals(self) -> dict[str, int]:
        """Return the figures: mutants by kind, planted faults, scenarios, calls."""
        kinds = Counter(verdict.kind for verdict in self.verdicts if not verdict.mutant.startswith(FAULT))
        faults = [verdict for verdict in self.verdicts if verdict.mutant.startswith(FAULT)]
        return {
            "mutants": kinds.total(),
            **{kind.value: kinds[kind] for kind in Kind},
            "planted faults": len(faults),
            "faults found": sum(verdict.kind is Kind.KILLABLE for verdict in faults),
            "scenarios": len(self.scenarios),
            "racy scenarios": len(self.racy),
            "calls": sum(self.calls.values()),
            "lower bound of the calls": self.bound,
        }

    @property
    def curve(self) -> tuple[int, ...]:
        """The parts of what the suite kills, in per cent, that are killed after each fifth of its calls."""
        killed = [{name for name, _ in verdict.killed_by} for verdict in self.verdicts if verdict.killed_by]
        points: list[int] = []
        played: set[str] = set()
        calls = 0
        for name in self.scenarios:
            while calls + self.calls[name] > (len(points) + 1) * sum(self.calls.values()) / _POINTS:
                points.append(round(100 * sum(not played.isdisjoint(names) for names in killed) / len(killed)))
            played.add(name)
            calls += self.calls[name]
        return (*points, 100)


_POINTS: Final = 5
"""The points of the curve."""


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
    scenarios = {name: _scenario_data(suite, name) for name in suite.scenarios}
    mutants = {verdict.mutant: _as_data(verdict) for verdict in suite.verdicts}
    parts = {
        "specification": json.dumps(suite.digest),
        "totals": _lines(suite.totals),
        "layers": _lines({name: asdict(figures) for name, figures in suite.layers.items()}),
        "scenarios": _lines(scenarios),
        "mutants": _lines(mutants),
    }
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {text}" for key, text in parts.items()) + "\n}\n"


def _scenario_data(suite: Suite, name: str) -> dict[str, object]:
    return {
        "calls": suite.calls[name],
        "layer": suite.layer_of[name],
        **({"racy": True} if name in suite.racy else {}),
        **({"pattern": True} if name in suite.patterns else {}),
        **({"exercises": list(suite.exercises[name])} if name in suite.exercises else {}),
    }


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
    layers: dict[str, LayerFigures] = msgspec.field(default_factory=dict[str, LayerFigures])


def load(folder: Path) -> Suite:
    """Return the suite in a folder; raises `SuiteError`."""
    manifest = _manifest(folder)
    return Suite(
        digest=manifest.specification,
        scenarios={name: load_scenario(folder / f"{name}.yaml") for name in manifest.scenarios},
        calls={name: data["calls"] for name, data in manifest.scenarios.items()},
        racy=frozenset(name for name, data in manifest.scenarios.items() if data.get("racy")),
        layers=manifest.layers,
        layer_of={name: data.get("layer", "") for name, data in manifest.scenarios.items()},
        patterns=frozenset(name for name, data in manifest.scenarios.items() if data.get("pattern")),
        exercises={n: tuple(data["exercises"]) for n, data in manifest.scenarios.items() if "exercises" in data},
        verdicts=_verdicts(folder, manifest),
    )


def stored_verdicts(folder: Path) -> tuple[str, tuple[Verdict, ...]]:
    """Return what identifies the specification of the suite in a folder, and its verdicts; raises `SuiteError`."""
    manifest = _manifest(folder)
    return manifest.specification, _verdicts(folder, manifest)


def _verdicts(folder: Path, manifest: _Manifest) -> tuple[Verdict, ...]:
    verdicts: list[Verdict] = []
    for name, data in manifest.mutants.items():
        try:
            verdicts.append(_verdict(name, data))
        except (ValueError, TypeError, AttributeError) as error:
            raise SuiteError(
                f"{folder / MANIFEST}: {_NO_MANIFEST} (what it says of {name} cannot be read); {_AGAIN}"
            ) from error
    return tuple(verdicts)


def scenario_names(folder: Path) -> tuple[str, ...]:
    """Return the scenarios of the suite in a folder, in the order of play; raises `SuiteError`."""
    return tuple(_manifest(folder).scenarios)


_AGAIN: Final = "derive the suite again: ec2-lifecycle derive"
_NO_MANIFEST: Final = "this is not the manifest of a covering suite"


def _manifest(folder: Path) -> _Manifest:
    """Read the manifest; raises `SuiteError` if it cannot be read, or if a file is missing beside it."""
    path = folder / MANIFEST
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SuiteError(f"{path}: {os_reason(error)}; {_AGAIN}") from error
    try:
        manifest = msgspec.json.decode(text, type=_Manifest)
    except (ValueError, RecursionError) as error:
        raise SuiteError(f"{path}: {_NO_MANIFEST} ({mistake_in(text, _Manifest)}); {_AGAIN}") from error
    lacking = [name for name in manifest.scenarios if not (folder / f"{name}.yaml").is_file()]
    if lacking:
        raise SuiteError(f"{path}: there is no file {lacking[0]}.yaml beside it; {_AGAIN}")
    return manifest


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
