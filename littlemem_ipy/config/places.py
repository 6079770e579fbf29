"""Where things are: the home directory, and the project of a working directory."""

from __future__ import annotations

import os
from pathlib import Path

from littlemem_ipy.errors import InvalidInput

__all__ = ["find_project", "home", "project_root"]


def home() -> Path:
    """Return the directory of everything: ``$LITTLEMEM_HOME``, else the user's data directory."""
    import platformdirs  # here, as loading the extension must stay light

    named = os.environ.get("LITTLEMEM_HOME")
    path = os.path.expanduser(named) if named else str(platformdirs.user_data_path("littlemem_ipy"))
    if path.startswith("~"):
        raise InvalidInput(f"LITTLEMEM_HOME={named!r}: there is no such home directory.")
    return Path(path)


def find_project(directory: Path | None = None) -> str | None:
    """Return the name of the git root above `directory`, or None outside of a repository.

    A repository that is the home directory itself (people keep their dot files so) is no project.
    """
    root = project_root(directory)
    return None if root is None else root.name or None


def project_root(directory: Path | None = None) -> Path | None:
    """Return the git root above `directory`, or None where `find_project` finds no project."""
    try:
        start = (directory or Path.cwd()).resolve()
    except FileNotFoundError:  # the working directory has been removed
        return None
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return None if folder == Path(os.path.expanduser("~")) else folder
    return None
