"""How long the HTML report takes until its first paint in Chromium: five targets, each with sixty findings of moto.

`first_paint.py RUN` takes the folder of a stored run of moto. The findings are those of the run, repeated.
"""

import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from ec2_lifecycle.conformance.cli import run_command
from ec2_lifecycle.reports.html import html
from ec2_lifecycle.reports.stored_runs import Report, read_runs

TARGETS = 5
FINDINGS = 60
TURNS = 5
_OBSERVER = """<script>new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) console.log("PAINT", entry.name, entry.startTime);
}).observe({type: "paint", buffered: true});</script><style>"""
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
"""It forbids every script but the page's own, and so the one that measures."""


def large(report: Report) -> Report:
    """Return a report of many targets with many findings, each target with replies of its own."""
    (target,) = report.targets
    some = [
        replace(finding, id=f"f2:{number:010x}")
        for number, finding in enumerate(islice(cycle(target.done.findings), FINDINGS))
    ]
    names = [f"target-{number}" for number in range(TARGETS)]
    targets = tuple(
        replace(
            target,
            label=name,
            done=replace(
                target.done, target=name, findings=tuple(replace(f, observed=f"{f.observed} ({name})") for f in some)
            ),
        )
        for name in names
    )
    return replace(report, targets=targets)


def first_paint(chromium: str, page: Path) -> float:
    """Return the milliseconds until the first contentful paint of a page."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--window-size=1400,900"]
    ran = subprocess.run(
        [chromium, *options, f"--screenshot={page.with_suffix('.png')}", page.as_uri()],
        capture_output=True,
        text=True,
        check=True,
    )
    (painted,) = re.findall(r"PAINT first-contentful-paint ([\d.]+)", ran.stderr)
    return float(painted)


def main() -> int:
    """Print the size of the page, and the times."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("first paint of the report: not measured, because there is no chromium here")
        return 0
    with TemporaryDirectory() as folder:
        run = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder, "run")
        if len(sys.argv) == 1:
            run_command(["run", "moto", "--tier", "smoke", "--output", str(run)])
        made = _POLICY.sub("", html(large(read_runs([run / "events.ndjson"]))))
        page = Path(folder, "report.html")
        page.write_text(made.replace("<style>", _OBSERVER, 1), encoding="utf-8")
        times = sorted(first_paint(chromium, page) for _ in range(TURNS))
    size = len(made.encode()) / 1_000_000
    middle = statistics.median(times)
    print(
        f"first paint of a report of {TARGETS} targets with {FINDINGS} findings each ({size:.1f} MB): "
        f"{middle:.0f} ms, between {times[0]:.0f} and {times[-1]:.0f} (goal: at most 1000)"
    )
    return 0 if middle <= 1000 else 1  # noqa: PLR2004


if __name__ == "__main__":
    sys.exit(main())
