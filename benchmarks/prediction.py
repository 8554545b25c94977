"""How well the defects found in one half of the scenarios predict the replies to the other half.

For each target it prints three shares.
*Predicted*: replies of the other half in which nothing is wrong but what those defects explain.
*Charged*: confirmed findings. EC2 alone cannot explain them.
*Still rejected*: false replies that are noticed although they come from a target with known defects.
A false reply is a reply of the other half in which one state, code, field or effect was changed by chance.
"""

import argparse
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from tampering import false_reply
from transcripts import Reply
from wrapped import Wrapped

from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import Observation
from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.diagnosis.defects import defect_id
from ec2_lifecycle.conformance.execution.play import Outcome
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.execution.walker import Walker
from ec2_lifecycle.conformance.findings.collector import Collector, look_into_all
from ec2_lifecycle.conformance.findings.search import Inquirer, Sighting
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.planted_faults.catalogue import BANK, FAULTS
from ec2_lifecycle.conformance.planted_faults.fault import Fault
from ec2_lifecycle.conformance.targets.moto import moto_target
from ec2_lifecycle.model.requests import Request
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import CONFIRMED
from ec2_lifecycle.strategies.building.dice import Dice
from ec2_lifecycle.strategies.walking.coverage import Coverage

WALKS: Final = 80
"""Walks on each target; every second one is for the diagnosis."""
FALSE: Final = 150
"""False replies on each target."""
SERVERS: Final = 10
"""Servers with three planted faults."""
SEED: Final = 19


@dataclass(slots=True)
class Tampered(Wrapped):
    """A target that gives one false reply."""

    number: int
    """The number of that reply; the first is 0."""
    dice: Dice
    done: int = 0
    earlier: list[Reply] = field(default_factory=list[Reply])

    def perform(self, request: Request, names: Names) -> Observation:
        """Perform a request, and tell the truth about it except once."""
        reply = Reply(request, self.target.perform(request, names), self.clock.now())
        if self.done == self.number:
            reply = false_reply(self.dice, reply, tuple(self.earlier))
        self.done += 1
        self.earlier.append(reply)
        return reply.observation


@dataclass(frozen=True, slots=True)
class Prediction:
    """The figures for one target, each beside its total."""

    target: str
    findings: int
    confirmed: int
    predicted: int
    replies: int
    rejected: int
    false: int
    surprises: tuple[str, ...]
    """What no defect explains, each once."""


def three_faults() -> Iterator[Fault]:
    """Yield servers with three faults: in the handling of a request, in the rules, and in the replies."""
    chance = Random(SEED)  # noqa: S311 - no secret
    rules = [fault for fault in FAULTS if fault.ec2.spec is not EC2]
    replies = [fault for fault in FAULTS if fault.ec2.interceptors() and fault.ec2.spec is EC2]
    while True:
        bank, rule, reply = chance.choice(BANK), chance.choice(rules), chance.choice(replies)
        ec2 = replace(bank.ec2, spec=rule.ec2.spec, interceptors=reply.ec2.interceptors)
        yield replace(rule, sentence=f"{rule}; {bank}; {reply}", ec2=ec2)


def outcomes(target: Target, walks: int) -> list[Outcome]:
    """Walk on a target; how a walk goes depends on what earlier ones covered."""
    walker, coverage = Walker(target, Engine(EC2), seed=SEED), Coverage()
    return [walker.play(number, coverage) for number in range(walks)]


def diagnosed(target: Target, played: list[Outcome]) -> tuple[frozenset[str], int, int]:
    """Return the ids of the defects that explain what was seen, and how many findings there are and are confirmed."""
    runner = Runner(target, Engine(EC2))
    collector = Collector(target.name, lambda _: None)
    for outcome in played:
        for divergence in outcome.divergences:
            collector.note(Sighting(outcome.scenario, divergence, outcome.notes))
    look_into_all(collector, Inquirer(EC2, target.name, runner.run, lambda: False).look_into)
    findings = collector.findings.values()
    ids = {each for finding in findings for each in (finding.id, *finding.former)}
    return frozenset(ids), len(findings), sum(finding.status == CONFIRMED for finding in findings)


def predicted(name: str, start: Callable[[], Target], walks: int, false: int) -> Prediction:
    """Diagnose one half of the walks, and judge the other half by that."""
    target = start()
    played = outcomes(target, walks)
    known, findings, confirmed = diagnosed(target, played[::2])
    others = played[1::2]
    surprising = [(n, d) for n, each in enumerate(others) for d in each.divergences if defect_id(d) not in known]
    replies = sum(outcome.calls for outcome in others)
    wrong = {(number, divergence.step) for number, divergence in surprising}
    noticed, counted = rejected(target, others, known, false)
    return Prediction(
        name,
        findings,
        confirmed,
        replies - len(wrong),
        replies,
        noticed,
        counted,
        tuple(sorted({f"{divergence.clause}: {divergence.title}" for _, divergence in surprising})),
    )


def rejected(target: Target, played: list[Outcome], known: frozenset[str], number: int) -> tuple[int, int]:
    """Make false replies; return how many the known defects do not explain, of those that EC2 would not give."""
    chance = Random(SEED)  # noqa: S311 - no secret
    noticed = counted = 0
    for _ in range(number):
        scenario = chance.choice(played).scenario
        truly = Runner(target, Engine(EC2)).run(scenario)
        tampered = Tampered(target, chance.randrange(max(1, truly.calls)), Dice(chance.randrange))
        falsely = Runner(tampered, Engine(EC2)).run(scenario)
        before = {(defect_id(d), d.step, d.about) for d in truly.divergences}
        new = {(defect_id(d), d.step, d.about) for d in falsely.divergences} - before
        counted += bool(new)
        noticed += any(name not in known for name, _, _ in new)
    return noticed, counted


def _of_server(number: int, walks: int, false: int) -> Prediction:
    server = next(each for at, each in enumerate(three_faults()) if at == number)
    return predicted(str(server), server.target, walks, false)


def _of_moto(walks: int, false: int) -> Prediction:
    return predicted("moto", moto_target, walks, false)


def main() -> None:
    """Print the shares for moto and for servers with three faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--walks", type=int, default=WALKS)
    parser.add_argument("--false", type=int, default=FALSE)
    parser.add_argument("--servers", type=int, default=SERVERS)
    chosen = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        moto = pool.submit(_of_moto, chosen.walks, chosen.false)
        servers = [pool.submit(_of_server, n, chosen.walks, chosen.false) for n in range(chosen.servers)]
        for future in (moto, *servers):
            told = future.result()
            print(
                f"{told.target}: {told.findings} findings, {told.confirmed} charged; "
                f"{told.predicted} of {told.replies} replies predicted ({told.predicted / told.replies:.1%}); "
                f"{told.rejected} of {told.false} false ones still rejected"
            )
            for surprise in told.surprises:
                print(f"  not predicted: {surprise}")


if __name__ == "__main__":
    main()
