"""The small changes that make mutants: one function for each kind of change, from a place to its edits.

Each changes one token, or removes one part. If two kinds would make the same change, only one of them makes it.
"""

from collections.abc import Callable, Iterator
from typing import Final

from .changes_of_conditions import (
    always_branch,
    and_or,
    any_all,
    drop_branch,
    drop_operand,
    negate,
    shift_bound,
    swap_arms,
)
from .changes_of_parts import drop_element, drop_field, drop_key, drop_set
from .changes_of_values import (
    change_status,
    change_wording,
    off_by_one,
    other_accessor,
    other_member,
    other_name,
    set_flag,
    true_false,
)
from .edits import Edit
from .places import Place

Operator = Callable[[Place], Iterator[Edit]]

OPERATORS: Final[dict[str, Operator]] = {
    "drop-operand": drop_operand,
    "and-or": and_or,
    "any-all": any_all,
    "negate": negate,
    "shift-bound": shift_bound,
    "drop-branch": drop_branch,
    "always-branch": always_branch,
    "swap-arms": swap_arms,
    "other-member": other_member,
    "other-name": other_name,
    "other-accessor": other_accessor,
    "true-false": true_false,
    "off-by-one": off_by_one,
    "change-status": change_status,
    "change-wording": change_wording,
    "set-flag": set_flag,
    "drop-key": drop_key,
    "drop-element": drop_element,
    "drop-set": drop_set,
    "drop-field": drop_field,
}
"""Every kind of change, by the name that mutants have of it."""
