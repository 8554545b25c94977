"""Kills live runs at random points on a bad network, and checks that `reap` leaves nothing and touches nothing foreign.

The account is a served model with other people's instances.
Pass the number of runs: `python benchmarks/kill_live_runs.py 50`.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))

from live import BADLY, killed, model, place

from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.sandbox.journal import read


def main(times: int) -> None:
    """Kill runs, reap after each, and print the results."""
    ways: Counter[str] = Counter()
    left: Counter[str] = Counter()
    with (
        serve_in_thread(model()) as url,
        tempfile.TemporaryDirectory() as folder,
        place(Path(folder), url, BADLY) as there,
    ):
        there.others_come()
        for seed in range(times):
            way = killed(there, seed)
            ways[way] += 1
            unreaped = there.alive().keys() - there.foreign.keys()
            left[way] += len(unreaped)
            code, said = there.do("reap --sandbox sandbox.toml")
            alive = there.alive()
            others = {i: state for i, state in alive.items() if i in there.foreign}
            assert others == there.foreign, f"run {seed}: others had {there.foreign} and now {others}"
            assert alive.keys() == there.foreign.keys(), f"run {seed} ({way}) leaked: {alive}; reap said {said}"
            assert code == 0, f"run {seed}: reap answered {code}: {said}"
            assert not there.proxy.named_in_changes() & there.foreign.keys(), f"run {seed} named what is others'"
            print(f"{seed}: {way}, {len(unreaped)} left before reap", flush=True)
        made = sum(len(read(path).made) for path in there.journals)
    print(f"{times} runs killed ({dict(ways)}); {made} resources made; left before reap {dict(left)}, after it 0")
    print(f"faults on the way: { ({fault.value: n for fault, n in there.proxy.injected.items()}) }")
    print(f"others' resources untouched: {len(there.foreign)}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
