"""Writes formulas as SMT-LIB 2, which any solver reads. This text is what is proved, and what `--smtlib` stores."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap

from .terms import BOOL, INT, Sort, Term, subterms


@dataclass(frozen=True, slots=True)
class Script:
    """A question to a solver: can these formulas hold together? `comment` says what that means."""

    comment: str
    formulas: tuple[Term, ...]

    def text(self, *, ask: str = "(check-sat)") -> str:
        """Return the script, ready for a solver."""
        lines = [f"; {line}" if line else ";" for text in self.comment.splitlines() for line in wrap(text, 110) or [""]]
        sorts = sort_names(self.formulas)
        lines += ["(set-logic ALL)", *declarations(self.formulas, sorts)]
        lines += [f"(assert {_Writer(formula, sorts).text()})" for formula in self.formulas]
        return "\n".join([*lines, ask, ""])


def sort_names(formulas: Iterable[Term]) -> dict[Sort, str]:
    """Return how each sort is called; of two enums of one name, out of two specifications, the second gets a number."""
    names: dict[Sort, str] = {}
    for part in subterms(*formulas):
        for sort in (part.sort, *(arg.sort for arg in part.args)):
            if sort not in names:
                alike = sum(other.name == sort.name for other in names)
                names[sort] = sort.name if not alike else f"{sort.name}{alike + 1}"
    return names


def declarations(formulas: Iterable[Term], sorts: Mapping[Sort, str]) -> Iterator[str]:
    """Yield the declaration of every sort and symbol in formulas, by name."""
    for sort in sorted(sorts, key=lambda sort: sorts[sort]):
        name = sorts[sort]
        if sort.members:
            members = " ".join(f"({name}.{member})" for member in sort.members)
            yield f"(declare-datatypes (({name} 0)) (({members})))"
        elif sort not in (BOOL, INT):
            yield f"(declare-sort {name} 0)"
    symbols = {str(part.what): part for part in subterms(*formulas) if part.op == "apply"}
    for name in sorted(symbols):
        part = symbols[name]
        yield f"(declare-fun |{name}| ({' '.join(sorts[arg.sort] for arg in part.args)}) {sorts[part.sort]})"


class _Writer:
    """Writes one term; what occurs in it more than once is written once, and named."""

    def __init__(self, root: Term, sorts: Mapping[Sort, str]) -> None:
        self._root = root
        self._sorts = sorts
        self._uses: dict[Term, int] = {}
        for part in subterms(root):
            for arg in part.args:
                self._uses[arg] = self._uses.get(arg, 0) + 1
        self._names: dict[Term, str] = {}
        self._count = 0

    def text(self) -> str:
        return self._scoped(self._root, frozenset())

    def _scoped(self, body: Term, bound: frozenset[Term]) -> str:
        """Return the text of a term within its binder: shared parts that need the binder are named right there."""
        lets: list[str] = []
        for part in subterms(body):
            shared = self._uses.get(part, 0) > 1 and part.args and part is not body
            if shared and part not in self._names and part.free <= bound:
                text = self._plain(part, bound)
                self._count += 1
                self._names[part] = f"?{self._count}"
                lets.append(f"(let ((?{self._count} {text}))")
        return " ".join([*lets, self._plain(body, bound)]) + ")" * len(lets)

    def _plain(self, term: Term, bound: frozenset[Term]) -> str:
        if term in self._names:
            return self._names[term]
        match term.op:
            case "true" | "false":
                return term.op
            case "integer":
                number = int(str(term.what))
                return str(number) if number >= 0 else f"(- {-number})"
            case "member":
                return f"{self._sorts[term.sort]}.{term.what}"
            case "variable":
                return str(term.what)
            case "exists" | "forall":
                name, body = term.args
                inner = self._inner(body, bound | {name})
                return f"({term.op} (({name.what} {self._sorts[name.sort]})) {inner})"
            case "apply":
                args = [self._plain(arg, bound) for arg in term.args]
                return f"(|{term.what}| {' '.join(args)})" if args else f"|{term.what}|"
            case _:
                return f"({term.op} {' '.join(self._plain(arg, bound) for arg in term.args)})"

    def _inner(self, body: Term, bound: frozenset[Term]) -> str:
        outer = dict(self._names)
        text = self._scoped(body, bound)
        self._names = outer  # what was named under a binder has no meaning outside it
        return text
