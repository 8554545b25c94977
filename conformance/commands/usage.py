"""Explains wrong usage in this project's own sentences.

click says what was wrong, but not always what to write instead, and its words change from release to release.
Its errors carry facts that do not change: the option or argument, its type, and the command.
"""

from difflib import get_close_matches

import click
from click import BadOptionUsage, BadParameter, Context, MissingParameter, NoSuchOption, Parameter, UsageError


def usage_sentence(error: UsageError) -> str:
    """Return what was wrong, and what to write instead."""
    context = error.ctx
    see = f"see: {context.command_path} --help" if context else "see: ec2-lifecycle --help"
    match error:
        case NoSuchOption():
            known = [
                name for param in _params(context) for name in (*param.opts, *param.secondary_opts) if name[:1] == "-"
            ]
            nearest = get_close_matches(error.option_name, known, 1)
            suggestion = f"did you mean {nearest[0]}?" if nearest else see
            return f"there is no option {error.option_name}; {suggestion}"
        case BadOptionUsage():  # which does not say of which command
            return f"{error.option_name} lacks the value that it needs, or has one and takes none; {see}"
        case MissingParameter():
            return f"{_name(error)} is missing; {see}"
        case BadParameter():
            wanted = _wanted(error.param)
            return f"{_name(error)} must be {wanted}." if wanted else f"{_name(error)}: {error.message}"
        case _ if type(error) is UsageError and context is not None:
            arguments = " ".join(
                param.human_readable_name for param in _params(context) if param.nargs and not _is_option(param)
            )
            takes = f"takes {arguments}, and nothing more" if arguments else "takes only options"
            return f"{context.command_path} {takes}; {see}"
        case _:  # a sentence of ours
            return error.format_message()


def _params(context: Context | None) -> list[Parameter]:
    return [] if context is None else context.command.get_params(context)


def _is_option(param: Parameter) -> bool:
    return isinstance(param, click.Option)


def _name(error: BadParameter) -> str:
    """Return how the command line writes what an error is about."""
    if error.param is None:
        return "an argument"
    return max(error.param.opts, key=len) if _is_option(error.param) else error.param.human_readable_name


def _wanted(param: Parameter | None) -> str:
    """Return in words what one of click's own types takes; empty for what is read by the project itself."""
    match param and param.type:
        case click.Choice() as choice:
            return f"one of {', '.join(map(str, choice.choices))}"
        case click.DateTime():
            return "a day, such as 2027-01-31"
        case click.IntRange(min=low, max=None):
            return f"a whole number of at least {low}"
        case click.IntRange(min=low, max=high):
            return f"a whole number from {low} to {high}"
        case one if one is click.FLOAT:
            return "a number"
        case one if one is click.INT:
            return "a whole number"
        case _:
            return ""
