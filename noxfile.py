"""The project's commands: ``nox`` runs all checks, ``nox -s demo`` opens the quickstart."""

import os
import shutil
import tempfile
from pathlib import Path

import nox

nox.options.sessions = ["lint", "tests", "wheel"]
nox.options.reuse_existing_virtualenvs = True
# uv makes the environments in seconds; where it can't be had, nox does without.
nox.options.default_venv_backend = "uv|virtualenv"
# Kernels that start side by side would otherwise compile the same thousands of modules at their first import.
os.environ.setdefault("UV_COMPILE_BYTECODE", "1")
nox.options.error_on_missing_interpreters = False

ROOT = Path(__file__).parent
# What the search is measured beside; pysqlite3 only where Python's own sqlite3 can't load extensions.
PEERS = ["tantivy", "langgraph-checkpoint-sqlite", "wordllama", "pysqlite3-binary; sys_platform == 'linux'"]
# Everything that the built wheel must be able to do with nothing but its own dependencies.
WHEEL_TESTS = [
    "tests/capture",
    "tests/test_api.py",
    "tests/test_backends.py",
    "tests/test_config.py",
    "tests/test_context.py",
    "tests/test_magics.py",
    "tests/test_mcp_server.py",
    "tests/test_models.py",
    "tests/test_redact.py",
    "tests/test_store.py",
    "tests/search",
    "tests/tools",
]


@nox.session
def lint(session: nox.Session) -> None:
    """Style, types and spelling of the layers."""
    tools = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "lint")
    session.install("-e", ".[charts,crypto,postgres]", *tools)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, and every notebook executed and compared with what it shows."""
    session.install("-e", ".[test]")
    session.run("pytest", *session.posargs)
    if not session.posargs:
        session.run("pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "notebooks")


@nox.session(name="unit", python=["3.12", "3.13"])
def unit(session: nox.Session) -> None:
    """The unit tests on newer versions of Python, where these are installed."""
    session.install(".", "pytest>=8.2", "hypothesis>=6.100")
    session.run("pytest", *WHEEL_TESTS, *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel and test it away from the sources, without any development tool."""
    built = Path(tempfile.mkdtemp(prefix="littlemem-wheel-"))  # outside of the clone, which is a project itself
    session.install("build")
    session.run("python", "-m", "build", "--wheel", "--outdir", str(built))
    (package,) = built.glob("littlemem_ipy-*.whl")
    session.install(str(package), "pytest>=8.2", "hypothesis>=6.100")
    # In an environment that is used again, the same version number would keep the older wheel.
    session.install("--force-reinstall", "--no-deps", str(package))
    shutil.copytree(ROOT / "tests", built / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, built / name)
    session.chdir(built)
    session.run("python", "-c", "import littlemem_ipy; assert 'site-packages' in littlemem_ipy.__file__")
    session.run("pytest", "-p", "no:cacheprovider", *WHEEL_TESTS)


@nox.session
def demo(session: nox.Session) -> None:
    """Open the quickstart in JupyterLab, with everything that it needs and no key."""
    session.install("-e", ".[lab]")
    options = ["--ServerApp.root_dir=notebooks"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    session.run("jupyter", "lab", "notebooks/01_quickstart.ipynb", *options, *session.posargs)


@nox.session
def benchmark(session: nox.Session) -> None:
    """Figures with a reference measured in the same run: ``nox -s benchmark -- store``."""
    session.install("-e", ".[test]")
    name, *rest = session.posargs or ["load"]
    if name == "search_speed":
        session.install(*PEERS)
    session.run("python", f"tests/benchmarks/{name}.py", *rest)
