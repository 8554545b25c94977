"""The rules keep to the small part of Python that a prover is to read."""

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest

from ec2_lifecycle.model import background, rules

ALLOWED = (
    ast.FunctionDef,
    ast.arguments,
    ast.arg,
    ast.Return,
    ast.If,
    ast.IfExp,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.Not,
    ast.Compare,
    ast.Is,
    ast.IsNot,
    ast.Eq,
    ast.NotEq,
    ast.In,
    ast.NotIn,
    ast.Gt,
    ast.Call,
    ast.keyword,
    ast.Attribute,
    ast.Subscript,
    ast.Name,
    ast.Load,
    ast.Store,
    ast.Constant,
    ast.Tuple,
    ast.GeneratorExp,
    ast.comprehension,
    ast.Expr,
)
"""and/or/not, comparisons, `in`, if/return, conditional expressions, any/all, calls, enums and literal tables."""

MODULES = [
    import_module(f"{rules.__name__}.{m.name}") for m in pkgutil.iter_modules(rules.__path__) if m.name != "memo"
]
RULES = [
    function
    for module in [*MODULES, background]
    for function in vars(module).values()
    if inspect.isfunction(function) and function.__module__ == module.__name__
]


def outside_the_subset(function: FunctionType) -> Iterator[str]:
    """Yield what a function uses that a rule may not, each with its file and line."""
    source = inspect.unwrap(function)
    place = Path(inspect.getsourcefile(source) or "").name
    first = source.__code__.co_firstlineno
    tree = ast.parse(inspect.getsource(source)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    tree.decorator_list = []
    tree.returns = None
    for argument in (*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs):
        argument.annotation = None
    docstring = tree.body[0] if ast.get_docstring(tree) is not None else None
    for node in ast.walk(tree):
        where = f"{place}:{first + getattr(node, 'lineno', 1) - 1}"
        if not isinstance(node, ALLOWED) or (isinstance(node, ast.Expr) and node is not docstring):
            yield f"{where}: {type(node).__name__} is outside the subset"
        if isinstance(node, ast.Call) and any(isinstance(a, ast.GeneratorExp) for a in node.args):
            called = node.func.id if isinstance(node.func, ast.Name) else "?"
            if called not in ("any", "all"):
                yield f"{where}: {called} over members is outside the subset; a rule has any and all"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}")
def test_a_rule_keeps_to_the_subset(rule: FunctionType) -> None:
    assert list(outside_the_subset(rule)) == []


def test_what_is_outside_the_subset_is_named_with_its_place() -> None:
    found = list(outside_the_subset(counts_members))
    assert found
    assert all("test_rule_subset.py:" in one and "outside the subset" in one for one in found)


def counts_members(members: tuple[int, ...]) -> int:
    """No rule: it sums where a rule may only ask any and all."""
    return sum(1 for _ in members)
