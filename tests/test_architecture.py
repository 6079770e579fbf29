"""The rules of the house, read from the source: who may import whom, how long a module is, what it shows."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import littlemem_ipy

PACKAGE = "littlemem_ipy"
ROOT = Path(littlemem_ipy.__file__).resolve().parent
LEVELS = (
    ("errors", "models", "config"),
    ("backends",),
    ("classifier", "embeddings", "search", "duplicates", "redact", "transfer", "cleanup"),
    ("store",),
    ("context", "capture", "tools", "chat"),
    ("notebook", "analytics", "browser", "magics", "mcp_server"),
)
# A name stands for the part and everything below it. Inside a level only what stands further left may be imported.
ORDER = {name: (level, place) for level, names in enumerate(LEVELS) for place, name in enumerate(names)}
ONLY_IN = {
    "IPython": {"__init__", "magics", "notebook", "browser"},
    # Tables are files as well: an export to CSV or Parquet is one call of pandas.
    "pandas": {"analytics", "transfer"},
    "litellm": {"chat", "capture", "embeddings"},
    "sqlite3": {"backends"},
    "psycopg": {"backends"},
    "cryptography": {"transfer"},
    "keyring": {"transfer"},
    "pyarrow": {"transfer"},
    "rapidfuzz": {"duplicates", "search"},
    "mcp": {"mcp_server"},
    "anywidget": {"browser"},
    "ipywidgets": {"browser"},
}
# Imported inside the function that needs them, because loading the extension must stay quick.
LATE = {"litellm", "pandas", "mcp", "anywidget", "ipywidgets", "cryptography", "pyarrow"}
LATE_EXCEPT = {"pandas": {"analytics"}, "mcp": {"mcp_server"}, "anywidget": {"browser"}, "ipywidgets": {"browser"}}
CONFIG_READERS = {"__init__", "store", "notebook", "analytics", "browser", "magics", "mcp_server"}
MAX_LINES = 350
# IPython finds these by their names.
HOOKS = {"load_ipython_extension", "unload_ipython_extension"}

MODULES = sorted(ROOT.rglob("*.py"))


def dotted(path: Path) -> str:
    parts = [PACKAGE, *path.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(module: str) -> str:
    """Return the part of the house that a module belongs to."""
    return module.split(".")[1] if "." in module else "__init__"


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports_of(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Yield everything that a module imports, by its full name: at the top, in functions, and relative."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = source_of(path, node)
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield (inner if is_module(inner) else module), node


def source_of(path: Path, node: ast.ImportFrom) -> str:
    """Return the full name of the module that is imported from; one dot in a package is the package itself."""
    package = dotted(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    base = package[: len(package) - node.level + 1] if node.level else []
    return ".".join([*base, *(node.module.split(".") if node.module else [])])


def is_module(name: str) -> bool:
    path = ROOT.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def guarded(path: Path) -> set[ast.stmt]:
    """Return the statements under ``if TYPE_CHECKING``: they import nothing when the package runs."""
    return {
        inner
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
        if isinstance(inner, ast.stmt)
    }


def broken(rule: Callable[[Path], Iterator[str]]) -> list[str]:
    """Return every violation of a rule in the package, with its module."""
    return [f"{dotted(path)}: {violation}" for path in MODULES for violation in rule(path)]


def test_belongs_to_a_declared_part() -> None:
    def rule(path: Path) -> Iterator[str]:
        part = part_of(dotted(path))
        if part != "__init__" and part not in ORDER:
            yield f"{part} is not in the list of parts"
        if path.stem in ("utils", "util", "helpers", "common", "misc"):
            yield "says nothing by its name"

    assert broken(rule) == []


def test_imports_point_down() -> None:
    def rule(path: Path) -> Iterator[str]:
        importer = part_of(dotted(path))
        for module, node in imports_of(path):
            imported = part_of(module)
            if module.split(".")[0] != PACKAGE or importer in ("__init__", imported):
                continue
            if imported == "analytics" and (inside_df(path, node) or node in guarded(path)):
                continue  # `.df` is the one door from below to the frames
            if imported not in ORDER or ORDER[imported] >= ORDER[importer]:
                yield f"line {node.lineno} imports {module}, which is not below"

    assert broken(rule) == []


def test_no_cycles_inside_a_part() -> None:
    graph = {
        dotted(path): {
            module
            for module, node in imports_of(path)
            if module.startswith(PACKAGE) and node in tree_of(path).body and node not in guarded(path)
        }
        for path in MODULES
    }
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join([*trail[trail.index(module) :], module])
        if module in done:
            return
        for other in sorted(graph.get(module, ())):
            # A package's __init__ collects its modules; that they are in the package is no cycle.
            if other != module and not module.startswith(f"{other}."):
                visit(other, (*trail, module))
        done.add(module)

    for module in sorted(graph):
        visit(module, ())


def inside_df(path: Path, node: ast.stmt) -> bool:
    """Return whether the import stands in a property ``df``."""
    return any(
        isinstance(function, ast.FunctionDef) and function.name == "df" and node in list(ast.walk(function))
        for function in ast.walk(tree_of(path))
    )


def test_libraries_stay_in_their_parts() -> None:
    def rule(path: Path) -> Iterator[str]:
        part = part_of(dotted(path))
        for module, node in imports_of(path):
            library = module.split(".")[0]
            if part in ONLY_IN.get(library, {part}) or node in guarded(path):
                continue
            if library != "pandas" or not inside_df(path, node):
                yield f"line {node.lineno} imports {library}"

    assert broken(rule) == []


def test_heavy_libraries_are_imported_late() -> None:
    def rule(path: Path) -> Iterator[str]:
        part = part_of(dotted(path))
        for module, node in imports_of(path):
            library = module.split(".")[0]
            late = library in LATE and part not in LATE_EXCEPT.get(library, ())
            if late and node in tree_of(path).body:
                yield f"line {node.lineno} imports {library} at the top"

    assert broken(rule) == []


def test_settings_are_read_at_the_entry_points_only() -> None:
    def rule(path: Path) -> Iterator[str]:
        if part_of(dotted(path)) not in CONFIG_READERS:
            for module, node in imports_of(path):
                if module == f"{PACKAGE}.config":
                    yield f"line {node.lineno} imports the settings"

    assert broken(rule) == []


def test_no_module_is_too_long() -> None:
    lengths = {dotted(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def shown_names(path: Path) -> list[str] | None:
    for node in tree_of(path).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [str(name) for name in ast.literal_eval(node.value)]
    return None


def kind_of(name: str) -> tuple[int, str]:
    """Sort constants first, then classes, then the rest, as the linter does."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def test_declares_what_it_shows() -> None:
    def rule(path: Path) -> Iterator[str]:
        names = shown_names(path)
        if names is None:
            yield "no __all__"
        elif names != sorted(set(names), key=kind_of):
            yield "__all__ is not sorted"

    assert broken(rule) == []


def test_shows_every_public_definition() -> None:
    def rule(path: Path) -> Iterator[str]:
        known = {*(shown_names(path) or ()), *HOOKS}
        for node in tree_of(path).body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and node.name not in known:
                yield f"{node.name} is not in __all__"

    assert broken(rule) == []


def test_imports_only_what_is_shown() -> None:
    def rule(path: Path) -> Iterator[str]:
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.ImportFrom):
                continue
            source = source_of(path, node)
            if source.split(".")[0] != PACKAGE:
                continue
            place = ROOT.parent.joinpath(*source.split("."))
            shown = shown_names(place / "__init__.py" if place.is_dir() else place.with_suffix(".py")) or ()
            for alias in node.names:
                if alias.name not in shown and not is_module(f"{source}.{alias.name}"):
                    yield f"line {node.lineno} imports {source}.{alias.name}, which is not in __all__"

    assert broken(rule) == []


def test_nothing_dangerous() -> None:
    calls = {"eval", "exec", "__import__", "yaml.load", "os.system", "os.popen"}
    methods = {"listen", "create_server", "start_server"}
    libraries = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "socketserver", "http.server"}

    def rule(path: Path) -> Iterator[str]:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in calls or called.rpartition(".")[2] in methods:
                    yield f"line {node.lineno} calls {called}"
                if any(k.arg == "shell" and ast.unparse(k.value) != "False" for k in node.keywords):
                    yield f"line {node.lineno} starts a shell"
        for module, node in imports_of(path):
            if {module, module.split(".")[0]} & libraries:
                yield f"line {node.lineno} imports {module}"

    assert broken(rule) == []


def test_every_error_is_raised() -> None:
    from littlemem_ipy import errors

    waiting = {"ArchiveError"} if not is_module(f"{PACKAGE}.transfer") else set()
    waiting |= {"MissingExtra"} if not is_module(f"{PACKAGE}.embeddings") else set()
    made = {
        ast.unparse(node.func).rpartition(".")[2]
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
    }
    warned = {ast.unparse(n) for path in MODULES for n in ast.walk(tree_of(path)) if isinstance(n, ast.Name)}
    for name in errors.__all__:
        if name not in ("LittleMemError", *waiting):
            assert name in made or (name.endswith("Warning") and name in warned), f"{name} is never raised"


def test_every_setting_is_read() -> None:
    from littlemem_ipy.config import LittleMem

    read = {
        node.attr
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).rpartition(".")[2] in ("settings", "config")
    }
    # These two reach the others as properties that find the address and the name.
    read |= {"store"} & ({"store"} if "address" in read else set())
    read |= {"project"} & ({"project"} if "project_name" in read else set())
    assert sorted(set(LittleMem.settings()) - read) == []


def test_the_package_shows_what_it_promises() -> None:
    promised = {"ChatSession", "LittleMemError", "Memory", "MemoryStore", "MemoryType", "SearchQuery", "open_store"}
    if is_module(f"{PACKAGE}.browser"):
        promised.add("MemoryBrowser")
    assert promised <= set(littlemem_ipy.__all__)
    for name in littlemem_ipy.__all__:
        assert getattr(littlemem_ipy, name) is not None


def test_no_two_test_modules_have_one_name() -> None:
    """Pytest imports them by their bare names, and a run of all of them would stop."""
    names = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
