"""The help of a command, on one screen: a line for each option, and one line for the options of few targets."""

from collections.abc import Callable
from typing import Any, Final

import click

_WIDTH: Final = 80
"""The columns of an ordinary terminal; a wider one gets the same help."""


class Option(click.Option):
    """An option whose help does not repeat the range of its number: the error for a wrong number names it."""

    def __init__(self, *names: Any, only_for: str = "", **settings: Any) -> None:  # noqa: ANN401 - as click takes them
        """Take what click takes, and the kind of target that needs this option."""
        super().__init__(*names, **settings)
        self.only_for = only_for

    def get_help_extra(self, ctx: click.Context) -> "click.types.OptionHelpExtra":
        """Return the text in brackets after the help."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra


class ShortCommand(click.Command):
    """A command whose help names the options of one kind of target in one line, and leaves `--help` out."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options."""
        rows: list[tuple[str, str]] = []
        few: dict[str, list[str]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is None or isinstance(param, click.Argument) or param is self.get_help_option(ctx):
                continue
            if isinstance(param, Option) and param.only_for:
                few.setdefault(param.only_for, []).append(record[0])
            else:
                rows.append(record)
        rows += [(f"for {kind} only", "  ".join(names)) for kind, names in few.items()]
        if rows:
            with formatter.section("Options"):
                formatter.write_dl(rows)


def command(name: str | None = None, *, short_help: str, epilog: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Return the decorator of a command whose help fits on one screen."""
    settings: dict[str, Any] = {"max_content_width": _WIDTH}
    return click.command(name, ShortCommand, context_settings=settings, short_help=short_help, epilog=epilog)


def option(*names: str, **settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # noqa: ANN401 - as click takes them
    """Return the decorator of an option, which may be `only_for` one kind of target."""
    return click.option(*names, cls=Option, **settings)
