"""Reads rules: runs their source on unknown values, and returns formulas.

It knows a small part of Python (see `rules`): and/or/not, comparisons, `in`, if and return,
conditional expressions, `any` and `all` over members, calls of other rules, enums, tables keyed by enums,
objects of dataclasses; theorems also name intermediate results. Anything else is `OutsideSubset`.
"""

import ast
import dataclasses
import inspect
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from enum import Enum
from functools import cached_property, lru_cache
from itertools import count
from types import FunctionType
from typing import Any, Final, cast

from .source import OutsideSubset, source_of
from .terms import FALSE, TRUE, Term, and_, exists, forall, implies, less, not_, or_, plus, variable
from .values import (
    Cases,
    Maybe,
    Members,
    NoMeaning,
    Structure,
    Table,
    Value,
    as_term,
    cases_of,
    chosen,
    condition,
    nowhere,
    same,
)

_fresh = count()
_DEEPEST: Final = 20
"""So often a function may be under way at once: what it reads of one world may be an effect on another."""


class Symbolic:
    """An object that is not known, of a class of the model: its methods and properties are read from their source.

    What a subclass has as attributes of its own stands in the place of the class's.
    """

    cls: type


class Method:
    """A method of a `Symbolic` object, to be called."""

    def __init__(self, function: FunctionType, of: Symbolic) -> None:
        self.function = function
        self.of = of


@dataclasses.dataclass(eq=False)
class Reader:
    """Reads rules, each with its arguments once.

    `undefined` collects the conditions under which plain execution would fail (a table without the key,
    the record of an id that was never given out), where `watch` is on.
    """

    watch: bool = False
    undefined: list[Term] = dataclasses.field(default_factory=list[Term])
    names: dict[Term, str] = dataclasses.field(default_factory=dict[Term, str])
    """The rules that gave formulas, by the formula."""
    _path: list[Callable[[Term], Term]] = dataclasses.field(default_factory=list[Callable[[Term], Term]])
    _under_way: Counter[FunctionType] = dataclasses.field(default_factory=Counter[FunctionType])
    _done: dict[object, tuple[Value, Term]] = dataclasses.field(default_factory=dict[object, "tuple[Value, Term]"])

    def call(self, function: Callable[..., Any], *args: Value, **kwargs: Value) -> Value:
        """Return what a function gives for these arguments."""
        plain = _unwrapped(function)
        names = _parameters(plain)
        if kwargs or len(args) != len(names):
            local = _bound(plain, kwargs, *args)
        else:
            local = dict(zip(names, args, strict=True))
        key = (plain, *map(_key, local.values()))
        if key not in self._done:
            self._done[key] = self._read(plain, local)
            if isinstance(self._done[key][0], Term):
                self.names.setdefault(self._done[key][0], plain.__name__)
        value, undefined = self._done[key]
        self.fails_where(undefined)
        return value

    def _read(self, plain: FunctionType, local: dict[str, Value]) -> tuple[Value, Term]:
        """Read a function for these arguments; return what it gives, and where plain execution of it would fail."""
        if self._under_way[plain] == _DEEPEST:
            raise NoMeaning(f"{plain.__name__}, which calls itself")
        outer = self.undefined, self._path
        self.undefined, self._path = [], []
        self._under_way[plain] += 1
        try:
            source = source_of(plain)
            value = _Frame(self, plain, source.file, local).body(source.definition.body)
            return value, or_(*self.undefined)
        finally:
            self._under_way[plain] -= 1
            self.undefined, self._path = outer

    @contextmanager
    def where(self, test: Term) -> Generator[None]:
        """Read what is read only where a test holds."""
        with self._within(lambda bad: and_(test, bad)):
            yield

    @contextmanager
    def within(self, bound: Term, has: Term, quantify: Callable[[Term, Term], Term] = exists) -> Generator[None]:
        """Read what is read of one member of a set."""
        with self._within(lambda bad: quantify(bound, and_(has, bad))):
            yield

    @contextmanager
    def _within(self, wrap: Callable[[Term], Term]) -> Generator[None]:
        if not self.watch:
            yield
            return
        self._path.append(wrap)
        try:
            yield
        finally:
            self._path.pop()

    def fails_where(self, bad: Term) -> None:
        """Note a condition under which plain execution fails here."""
        if self.watch and bad is not FALSE:
            for wrap in reversed(self._path):
                bad = wrap(bad)
            self.undefined.append(bad)


@lru_cache(maxsize=4096)
def _unwrapped(function: Callable[..., Any]) -> FunctionType:
    plain = inspect.unwrap(function)
    if not isinstance(plain, FunctionType):
        raise NoMeaning(f"a call of {function!r}")
    return plain


def _bound(function: Callable[..., Any], kwargs: Mapping[str, Value], *args: Value) -> dict[str, Value]:
    """Return the arguments of a call by name, defaults among them; raises `NoMeaning` where they do not fit."""
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
    except TypeError as error:
        raise NoMeaning(str(error)) from error
    bound.apply_defaults()
    return dict(bound.arguments)


@lru_cache(maxsize=4096)
def _parameters(function: FunctionType) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


@lru_cache(maxsize=4096)
def _static(cls: type, name: str) -> Any:  # noqa: ANN401 - whatever a class has
    return inspect.getattr_static(cls, name, None)


def _key(value: Value) -> object:
    """Return what tells a value from others of its kind."""
    if isinstance(value, Term | Enum | str | int | bool | None):
        return value
    return id(value), _Kept(value)


class _Kept:
    """Keeps a value alive while it is part of a key, and is equal to every other."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept)

    def __hash__(self) -> int:
        return 0


_OPEN: Final = object()
"""No return was reached."""


class _Frame:
    """One call under way."""

    def __init__(self, reader: Reader, function: FunctionType, file: str, local: dict[str, Value]) -> None:
        self._reader = reader
        self._function = function
        self._file = file
        self._local = local
        closure = inspect.getclosurevars(function) if function.__closure__ else None
        self._closed: Mapping[str, Value] = closure.nonlocals if closure else {}

    def _outside(self, node: ast.AST, construct: str | None = None) -> OutsideSubset:
        line = getattr(node, "lineno", self._function.__code__.co_firstlineno)
        return OutsideSubset(self._file, line, construct or f"`{ast.unparse(node).splitlines()[0]}`")

    # Statements.

    def body(self, statements: list[ast.stmt]) -> Value:
        """Return what a list of statements returns."""
        result = self._block(statements)
        if result is _OPEN:
            raise self._outside(statements[-1], f"the end of {self._function.__name__} without a return")
        return result

    def _block(self, statements: list[ast.stmt]) -> Value:
        for number, statement in enumerate(statements):
            match statement:
                case ast.Expr(value=ast.Constant()):
                    continue
                case ast.Return(value=ast.expr() as value):
                    return self.value(value)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._local[name] = self.value(value)
                case ast.If():
                    return self._branch(statement, statements[number + 1 :])
                case _:
                    raise self._outside(statement)
        return _OPEN

    def _branch(self, statement: ast.If, rest: list[ast.stmt]) -> Value:
        test = self._condition(statement.test)
        then = _OPEN
        if test is not FALSE:
            with self._reader.where(test):
                then = self._apart([*statement.body, *rest])
        if test is TRUE:
            return then
        with self._reader.where(not_(test)):
            otherwise = self._apart([*statement.orelse, *rest])
        if then is _OPEN or otherwise is _OPEN:
            return otherwise if test is FALSE else _OPEN
        return self._put(statement, lambda: chosen(test, then, otherwise))

    def _apart(self, statements: list[ast.stmt]) -> Value:
        kept = dict(self._local)
        try:
            return self._block(statements)
        finally:
            self._local = kept

    def _put(self, node: ast.AST, compute: Callable[[], Value]) -> Value:
        """Return what is computed; what has no meaning is named with its place."""
        try:
            return compute()
        except NoMeaning as error:
            raise self._outside(node, f"`{ast.unparse(node).splitlines()[0]}` ({error})") from error

    # Expressions.

    def _condition(self, node: ast.expr) -> Term:
        return self._put(node, lambda: condition(self.value(node)))

    def value(self, node: ast.expr) -> Value:
        """Return the value of an expression."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self._named(node, name)
            case ast.Attribute(value=owner, attr=name):
                return self._attribute(node, self.value(owner), name)
            case ast.Tuple(elts=elements):
                return tuple(map(self.value, elements))
            case ast.BoolOp(op=op, values=values):
                return self._junction(node, isinstance(op, ast.And), values)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._put(node, lambda: _sum(self.value(left), self.value(right)))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._either(node, self._condition(test), body, orelse)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._comparison(node, left, ops, others)
            case ast.Subscript(value=table, slice=key):
                return self._looked_up(node, self.value(table), self.value(key))
            case ast.Call():
                return self._call(node)
            case _:
                raise self._outside(node)

    def _unary(self, node: ast.UnaryOp) -> Value:
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not_(self._condition(operand))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
                return -number
            case _:
                raise self._outside(node)

    def _named(self, node: ast.expr, name: str) -> Value:
        for scope in (self._local, self._closed, self._function.__globals__):
            if name in scope:
                return scope[name]
        raise self._outside(node)

    def _attribute(self, node: ast.expr, owner: Value, name: str) -> Value:
        match owner:
            case Structure():
                if name in owner.fields:
                    return owner.fields[name]
                return self._of_class(node, owner, owner.cls, name)
            case Symbolic():
                own = _static(type(owner), name)
                if name in vars(owner) or isinstance(own, cached_property):
                    return getattr(owner, name)
                return self._of_class(node, owner, owner.cls, name)
            case Table() if name == "get":
                return owner
            case Term() | Maybe() | Members() | Cases():
                raise self._outside(node)
            case _:
                try:
                    return getattr(owner, name)
                except AttributeError:
                    raise self._outside(node) from None

    def _of_class(self, node: ast.expr, owner: Value, cls: type, name: str) -> Value:
        match _static(cls, name):
            case property(fget=FunctionType() as getter):
                return self._reader.call(getter, owner)
            case FunctionType() as function:
                return Method(function, owner)
            case _:
                raise self._outside(node)

    def _junction(self, node: ast.expr, conjunction: bool, values: list[ast.expr]) -> Value:  # noqa: FBT001
        first, *rest = values
        value = self.value(first)
        if not rest:
            return value
        test = self._put(first, lambda: condition(value))
        with self._reader.where(test if conjunction else not_(test)):
            if test is (FALSE if conjunction else TRUE):
                return value
            other = self._junction(node, conjunction, rest)
        if isinstance(value, Maybe) and not conjunction and isinstance(other, str):
            return chosen(value.present, value.value, nowhere(value.value.sort))
        return self._put(node, lambda: (and_ if conjunction else or_)(test, condition(other)))

    def _either(self, node: ast.expr, test: Term, body: ast.expr, orelse: ast.expr) -> Value:
        if test is TRUE:
            return self.value(body)
        if test is FALSE:
            return self.value(orelse)
        with self._reader.where(test):
            then = self.value(body)
        with self._reader.where(not_(test)):
            otherwise = self.value(orelse)
        return self._put(node, lambda: chosen(test, then, otherwise))

    def _comparison(self, node: ast.expr, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> Term:
        if len(ops) > 1:
            raise self._outside(node)
        a, b = self.value(left), self.value(others[0])
        return self._put(node, lambda: self._compared(node, ops[0], a, b))

    def _compared(self, node: ast.expr, op: ast.cmpop, a: Value, b: Value) -> Term:
        match op:
            case ast.Is() | ast.Eq():
                return same(a, b)
            case ast.IsNot() | ast.NotEq():
                return not_(same(a, b))
            case ast.In():
                return _contained(a, b)
            case ast.NotIn():
                return not_(_contained(a, b))
            case ast.Gt():
                return less(_number(b), _number(a))
            case ast.Lt():
                return less(_number(a), _number(b))
            case ast.GtE():
                return not_(less(_number(a), _number(b)))
            case ast.LtE():
                return not_(less(_number(b), _number(a)))
            case _:
                raise self._outside(node)

    def _looked_up(self, node: ast.expr, table: Value, key: Value) -> Value:
        match table:
            case Table():
                if isinstance(key, Maybe):
                    self._reader.fails_where(not_(key.present))
                found = key.value if isinstance(key, Maybe) else as_term(key)
                if found is None:
                    raise self._outside(node)
                self._reader.fails_where(not_(table.has(found)))
                return table.at(found)
            case Mapping():
                return self._put(node, lambda: self._row(cast("Mapping[Any, Any]", table), key))
            case _:
                raise self._outside(node)

    def _row(self, table: Mapping[Any, Any], key: Value) -> Value:
        """Return what stands in a literal table at a key that is not known.

        Where the table has no such key that is its first row, and plain execution fails: T14b and T14d rule it out.
        """
        found = as_term(key)
        if found is None or not table:
            if key not in table:
                raise NoMeaning("a key that the table does not have")
            return table[key]
        rows = [(same(found, plain), _opened(row)) for plain, row in table.items()]
        self._reader.fails_where(not_(or_(*(test for test, _ in rows))))
        (_, result), *others = rows
        for test, row in others:
            result = chosen(test, row, result)
        return result

    def _call(self, node: ast.Call) -> Value:
        if isinstance(node.func, ast.Name) and node.func.id in ("any", "all"):
            match node.args:
                case [ast.GeneratorExp(elt=element, generators=[ast.comprehension(target=ast.Name(id=name)) as over])]:
                    return self._over_members(node, element, name, over)
                case _:
                    raise self._outside(node)
        function = self.value(node.func)
        if any(isinstance(arg, ast.Starred) for arg in node.args) or any(word.arg is None for word in node.keywords):
            raise self._outside(node)
        args = [self.value(arg) for arg in node.args]
        kwargs = {str(word.arg): self.value(word.value) for word in node.keywords}
        return self._put(node, lambda: self._called(node, function, args, kwargs))

    def _called(self, node: ast.Call, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
        match function:
            case Method():
                return self._reader.call(function.function, function.of, *args, **kwargs)
            case Table():  # .get(key, default)
                key, default = as_term(args[0]), args[1]
                if key is None:
                    raise self._outside(node)
                return chosen(function.has(key), function.at(key), default)
            case type() if dataclasses.is_dataclass(function):
                return Structure(function, _bound(function, kwargs, *args))
            case _ if function is dataclasses.replace and isinstance(args[0], Structure):
                return args[0].having(**kwargs)
            case _ if getattr(function, "symbolic", False):
                return function(*args, **kwargs)
            case FunctionType():
                return self._reader.call(function, *args, **kwargs)
            case _:
                raise self._outside(node)

    def _over_members(self, node: ast.Call, element: ast.expr, name: str, over: ast.comprehension) -> Term:
        members = self.value(over.iter)
        if over.is_async or not isinstance(node.func, ast.Name):
            raise self._outside(node)
        whole = node.func.id == "all"
        if isinstance(members, tuple | list | frozenset):
            return self._over_known(whole, element, name, over, _in_order(cast("Iterable[Value]", members)))
        if isinstance(members, Table):
            members = Members(members.sort, members.has)
        if not isinstance(members, Members):
            raise self._outside(node)
        one = members.only or variable(f"!{next(_fresh)}", members.sort)
        guard = TRUE if members.only is not None else members.has(one)
        with self._reader.within(one, guard):
            test = self._member_test(whole, element, name, over, one)
        if members.only is not None:
            return test
        return forall(one, implies(guard, test)) if whole else exists(one, and_(guard, test))

    def _over_known(
        self,
        whole: bool,  # noqa: FBT001 - all, not any
        element: ast.expr,
        name: str,
        over: ast.comprehension,
        members: Iterable[Value],
    ) -> Term:
        tests = (self._member_test(whole, element, name, over, one) for one in members)
        return and_(*tests) if whole else or_(*tests)

    def _member_test(self, whole: bool, element: ast.expr, name: str, over: ast.comprehension, one: Value) -> Term:  # noqa: FBT001
        kept = dict(self._local)
        self._local[name] = one
        try:
            guard = and_(*(self._condition(test) for test in over.ifs))
            with self._reader.where(guard):
                test = self._condition(element)
        finally:
            self._local = kept
        return implies(guard, test) if whole else and_(guard, test)


def _opened(row: Value) -> Value:
    """Return an object of a literal table as a structure, so that rows can be combined field by field."""
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        return Structure(type(row), {field.name: getattr(row, field.name) for field in dataclasses.fields(row)})
    return row


def _number(value: Value) -> Term:
    term = as_term(value)
    if term is None or term.sort.name != "Int":
        raise NoMeaning("a comparison of what is no number")
    return term


def _sum(a: Value, b: Value) -> Term:
    return plus(_number(a), _number(b))


def _in_order(members: Iterable[Value]) -> list[Value]:
    """Return members as they stand; those of a set in an order that every run has."""
    return sorted(members, key=repr) if isinstance(members, frozenset | set) else list(members)


def _contained(item: Value, container: Value) -> Term:
    match container:
        case Members() | Table():
            term = as_term(item)
            if term is None:
                raise NoMeaning("a member of another sort")
            return container.has(term)
        case tuple() | list() | frozenset() | set() | Mapping():
            return or_(*(same(item, one) for one in _in_order(cast("Iterable[Value]", container))))
        case Cases():
            return or_(*(and_(guard, _contained(item, one)) for guard, one in cases_of(container)))
        case _:
            raise NoMeaning("`in` what is no collection")
