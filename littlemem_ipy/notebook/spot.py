"""The place in a cell where an error arose: what the code there does, and to what."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Position", "Spot", "read", "spot_in", "statement_at"]

_BY_LABEL = frozenset({"loc", "at", "xs"})
_WRITING = re.compile(
    r"(?:write|save|dump|export|mkdir|makedirs|touch)\w*|to_(?:csv|parquet|json|excel|feather|pickle|hdf|html|stata|sql)"
)
_WORD = re.compile(r"[^\W\d]\w*")
_MOST_NAMES = 24
_OPERATIONS: dict[type[ast.AST], str] = {
    ast.Call: "call",
    ast.Attribute: "attribute",
    ast.Compare: "compare",
    ast.JoinedStr: "format",
    ast.FormattedValue: "format",
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.Raise: "raise",
    ast.Assert: "assert",
    ast.Name: "name",
}


@dataclass(frozen=True)
class Position:
    """Where a piece of code stands, counted as Python does: lines from 1, columns in bytes from 0."""

    line: int
    end_line: int
    column: int
    end_column: int


@dataclass(frozen=True)
class Spot:
    """What the code does at one place.

    Attributes
    ----------
    operation
        ``call``, ``attribute``, ``[]``, ``loc[]``, an operator, ``import`` and so on; empty if unknown.
    subject
        The expression that it is done to, if that is a plain name; empty otherwise.
    literal
        The type of what it is done to, where that is written there.
    key
        How the key is given: ``constant``, ``variable``, or empty where there is none.
    calls
        Functions, attributes and keywords used in the whole statement.
    user_words
        What the user has named or written as text in the whole cell: the message may repeat it.
    writes
        Whether the statement writes a file.
    """

    operation: str = ""
    subject: str = ""
    literal: str = ""
    key: str = ""
    calls: tuple[str, ...] = ()
    user_words: frozenset[str] = frozenset()
    writes: bool = False


def read(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell; None if it is no Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def statement_at(tree: ast.Module, line: int) -> ast.stmt | None:
    """Return the outermost statement that stands on a line."""
    for statement in tree.body:
        if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
            return statement
    return None


def spot_in(source: str, position: Position | None, statement_line: int | None = None) -> Spot:
    """Return what a cell does at a place.

    Parameters
    ----------
    source
        The cell as Python.
    position
        The expression that failed; None if it isn't known.
    statement_line
        A line of the statement that failed, where it isn't the one of `position`.
    """
    tree = read(source)
    if tree is None:
        names = tuple(dict.fromkeys(_WORD.findall(source)))[:_MOST_NAMES]
        return Spot(calls=names, user_words=frozenset(names))
    line = position.line if position else statement_line
    whole = statement_at(tree, line) if line else None
    node = _node_at(tree, position) if position else whole
    if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return) and node.value:
        node = node if isinstance(node, ast.AugAssign) else node.value
    used = tuple(dict.fromkeys(_used(whole)))[:_MOST_NAMES] if whole else ()
    subject = _subject(node)
    return Spot(
        operation=_operation(node),
        subject=subject.id if isinstance(subject, ast.Name) else "",
        literal=_literal(subject),
        key=_key(node),
        calls=used,
        user_words=frozenset(_user_words(tree)),
        writes=whole is not None and _writes(whole),
    )


def _node_at(tree: ast.Module, place: Position) -> ast.AST | None:
    """Return the node at a place, or else the smallest one around it."""
    around = [node for node in ast.walk(tree) if isinstance(node, ast.expr | ast.stmt) and _holds(node, place)]
    return min(around, key=_size, default=None)


def _holds(node: ast.expr | ast.stmt, place: Position) -> bool:
    start, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
    return start <= (place.line, place.column) and (place.end_line, place.end_column) <= end


def _size(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return ((node.end_lineno or 0) - node.lineno, (node.end_col_offset or 0) - node.col_offset)


def _operation(node: ast.AST | None) -> str:
    if isinstance(node, ast.Subscript):
        by_label = isinstance(node.value, ast.Attribute) and node.value.attr in _BY_LABEL
        return "loc[]" if by_label else "[]"
    if isinstance(node, ast.BinOp | ast.AugAssign):
        return type(node.op).__name__
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _BY_LABEL:
        return "loc[]"
    return "" if node is None else _OPERATIONS.get(type(node), "")


def _subject(node: ast.AST | None) -> ast.AST | None:
    """Return what the operation is done to: the table in ``table.loc[key]`` and ``table.groupby(key)``."""
    if isinstance(node, ast.Call):
        node = node.func
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
        if isinstance(node, ast.Attribute) and node.attr in _BY_LABEL | {"iloc", "iat"}:
            continue
        break
    return node


def _literal(node: ast.AST | None) -> str:
    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    for kind in (ast.Dict, ast.List, ast.Tuple, ast.Set):
        if isinstance(node, kind):
            return kind.__name__.lower()
    return ""


def _key(node: ast.AST | None) -> str:
    if not isinstance(node, ast.Subscript):
        return ""
    inside = ast.walk(node.slice)
    return "variable" if any(isinstance(part, ast.Name) for part in inside) else "constant"


def _used(whole: ast.stmt) -> Iterator[str]:
    for node in ast.walk(whole):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.alias):
            yield node.name


def _user_words(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.keyword | ast.arg) and node.arg:
            yield node.arg
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.alias):
            yield from (node.name, node.name.split(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def _writes(whole: ast.stmt) -> bool:
    return any(
        _WRITING.fullmatch(_name_of(node.func)) or (_name_of(node.func) == "open" and _mode(node))
        for node in ast.walk(whole)
        if isinstance(node, ast.Call)
    )


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _mode(call: ast.Call) -> bool:
    """Tell whether a file is opened for writing."""
    values = [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    modes = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
    return any(re.fullmatch(r"[rwaxbt+]{1,4}", mode) and set(mode) & set("wax+") for mode in modes)
