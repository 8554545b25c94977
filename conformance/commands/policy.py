"""`policy`: the permissions that a live run needs."""

import json
from pathlib import Path

from ..sandbox.limits import load_limits
from ..sandbox.policy import policy as policy_of
from .help_text import command, option
from .shell import FILE, WrongUsage, print_line


@command(
    short_help="Print the IAM policy that a sandbox file needs.",
    epilog="Example: ec2-lifecycle policy --sandbox sandbox.toml",
)
@option("--sandbox", type=FILE, required=True, metavar="FILE", help="The sandbox file.")
@option(
    "--whole-account", is_flag=True, help="Allow changes to every resource, for an account that holds nothing else."
)
def policy(sandbox: Path, whole_account: bool) -> int:
    """Print the smallest IAM policy that a run with this sandbox file needs, as JSON.

    The policy allows changes only to resources with the tag of a run, unless you add --whole-account.
    """
    limits = load_limits(sandbox)
    try:
        document = policy_of(limits.accounts, limits.regions, limits.instance_types, whole_account=whole_account)
    except ValueError as error:
        raise WrongUsage(f"{sandbox}: {error}") from error
    print_line(json.dumps(document, indent=2))
    return 0
