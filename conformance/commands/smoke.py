"""`smoke`: whether a target can be reached, and what it supports."""

import sys

import click
from rich.table import Table

from ...model.requests import Operation
from ...model.specification import EC2
from ...reports.console import console_for, say_table, shown
from ..oracle.engine import Engine
from ..smoke import smoke as call_everything
from ..targets.resolve import resolve


@click.command(epilog="Example: ec2-lifecycle smoke endpoint:http://127.0.0.1:4566")
@click.argument("target")
def smoke(target: str) -> int:
    """Call every operation once, in its simplest form, and say what TARGET supports."""
    console = console_for(sys.stdout)
    found = resolve(target)
    try:
        answers = call_everything(found, Engine(EC2))
        console.print(shown(f"{found.name} {found.version}".rstrip(), "bold"))
        console.print(shown(f"zones: {len(found.zones)} ({', '.join(found.zones)})"))
        for capability in sorted(found.capabilities, key=lambda c: c.name):
            console.print(shown(f"offers {capability.value}"))
        table = Table("operation", "answer", box=None, pad_edge=False)
        for operation in Operation:
            table.add_row(operation.value, shown(answers.get(operation, "not called")))
        say_table(console, table)
    finally:
        found.close()
    return 0
