"""Progress bars on a terminal; nothing in a pipe."""

from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Column

from .events import FindingMade, ScenarioRun
from .safe_text import printable

_COUNTS: Final = (
    "{task.completed:,.0f} calls · {task.fields[scenarios]:,} scenarios · {task.fields[findings]:,} findings"
)


class Progress:
    """A line for each target, removed at the end of the run; with `max_calls` it is a bar.

    It is shown on a terminal, unless `shown` says otherwise.

    rich updates it from a thread that starts on entering the context:
    start processes by spawning, or before.
    """

    def __init__(self, console: Console, max_calls: int | None = None, *, shown: bool | None = None) -> None:
        self._total = max_calls
        self._tasks: dict[str, TaskID] = {}
        self._found: dict[str, set[str]] = {}
        self._bars = Bars(
            SpinnerColumn("line" if console.options.ascii_only else "dots"),
            TextColumn("{task.description}", markup=False, table_column=_cell(max_width=20)),
            *(() if max_calls is None else (BarColumn(20),)),
            TextColumn(_COUNTS, markup=False, table_column=_cell()),
            TimeElapsedColumn(_cell(min_width=len("0:00:00"))),
            TextColumn("{task.fields[latest]}", markup=False, style="yellow", table_column=_cell(ratio=1)),
            console=console,
            transient=True,
            expand=True,
            disable=not (console.is_terminal if shown is None else shown),
        )

    def scenario_done(self, run: ScenarioRun) -> None:
        """Count a scenario and its calls."""
        task = self._task(run.target)
        scenarios: int = self._bars.tasks[task].fields["scenarios"]
        self._bars.update(task, advance=run.calls, scenarios=scenarios + 1)

    def finding(self, made: FindingMade) -> None:
        """Count a finding, unless it only replaces one, and show its clause and title until the next."""
        task = self._task(made.target)
        found = self._found.setdefault(made.target, set())
        found.add(made.finding.id)
        latest = f"{made.finding.clause} {printable(made.finding.title)}"
        self._bars.update(task, findings=len(found), latest=latest)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if not self._bars.disable:  # some versions of rich end even a disabled one with a line break
            self._bars.stop()

    def _task(self, target: str) -> TaskID:
        if target not in self._tasks:
            self._tasks[target] = self._bars.add_task(
                printable(target), total=self._total, scenarios=0, findings=0, latest=""
            )
        return self._tasks[target]


class Stages:
    """One bar for a long operation with stages, removed at the end."""

    def __init__(self, console: Console) -> None:
        self._bars = Bars(
            SpinnerColumn("line" if console.options.ascii_only else "dots"),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} {task.description}", markup=False),
            BarColumn(20),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bars.add_task("", total=1)

    def show_stage(self, stage: str, done: int, total: int) -> None:
        """Show the progress of a stage."""
        self._bars.update(self._task, description=stage, completed=done, total=max(total, 1))

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if not self._bars.disable:  # as above
            self._bars.stop()


def _cell(max_width: int | None = None, min_width: int | None = None, ratio: int | None = None) -> Column:
    """A column that truncates instead of wrapping, so that each target has one line."""
    return Column(no_wrap=True, overflow="ellipsis", max_width=max_width, min_width=min_width, ratio=ratio)
