"""The settings: what each means, and where its value comes from.

Precedence: argument > ``%config LittleMem.x`` > environment (``LITTLEMEM_X``) > saved
settings > default. Saved settings are one JSON file in the home directory; keys of
providers are never read from it nor written to it.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from traitlets import Bool, Dict, Enum, Float, Integer, List, TraitError, TraitType, Unicode, default, validate
from traitlets.config import Configurable

from littlemem_ipy.errors import InvalidInput

__all__ = ["LittleMem", "find_project", "home"]


_SWITCHES = {
    "on": True,
    "true": True,
    "yes": True,
    "1": True,
    "off": False,
    "false": False,
    "no": False,
    "0": False,
}


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
    try:
        start = (directory or Path.cwd()).resolve()
    except FileNotFoundError:  # the working directory has been removed
        return None
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return None if folder == Path(os.path.expanduser("~")) else folder.name or None
    return None


class LittleMem(Configurable):
    """Settings of the memory: ``%config LittleMem.budget = 800``, or ``%mem config budget=800`` to keep it."""

    model = Unicode(
        "", help="Model of chat cells as litellm names it, such as openai/gpt-4o-mini; 'demo' needs no key."
    ).tag(config=True)
    api_base = Unicode("", help="Address of the provider's server; empty for the provider's own.").tag(config=True)
    aliases = Dict(value_trait=Unicode(), key_trait=Unicode(), help="Short names of models.").tag(config=True)
    system_prompt = Unicode("", help="What the model is told first in every chat; empty for a short default.").tag(
        config=True
    )
    timeout = Float(60.0, min=0.1, help="Seconds to wait for the provider.").tag(config=True)
    stream = Bool(True, help="Show a reply while it is written.").tag(config=True)
    memory = Bool(True, help="Put relevant memories into chats.").tag(config=True)
    budget = Integer(1500, min=0, help="Tokens that memories may take in a prompt.").tag(config=True)
    max_memories = Integer(8, min=0, help="How many memories a prompt gets at most, beyond the profile.").tag(
        config=True
    )
    threshold = Float(0.4, min=0.0, max=1.0, help="Score from which on a memory counts as relevant.").tag(
        config=True
    )
    capture = Enum(
        ["auto", "review", "off"], "auto", help="Save what is worth it, propose it first, or don't look."
    ).tag(config=True)
    capture_threshold = Float(0.7, min=0.0, max=1.0, help="Confidence from which on a capture is saved.").tag(
        config=True
    )
    capture_types = List(Unicode(), help="Types that capture may save.").tag(config=True)
    tools = Enum(["all", "read-only", "off"], "all", help="Memory tools that models may use.").tag(config=True)
    log_chats = Bool(True, help="Keep each exchange, searchable and to be taken up again.").tag(config=True)
    embedder = Unicode(
        "none", help="Search by meaning as well: 'none', 'static' (local vectors), or litellm:MODEL."
    ).tag(config=True)
    store = Unicode("", help="Address of the store; empty for memory.db in the home directory.").tag(config=True)
    project = Unicode("auto", help="'auto' for the git root's name, a name, or empty for no project.").tag(
        config=True
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        given = set(kwargs) | {name for name in self.settings() if self._configured(name)}
        self._origins = dict.fromkeys(given & set(self.settings()), "%config")
        for origin, values in (("environment", self._environment()), ("saved", self._saved())):
            for name, value in values.items():
                if name not in self._origins:
                    self._take(name, value, origin)
        self.observe(self._noted, list(self.settings()))

    active: ClassVar[LittleMem | None] = None
    """The settings of the loaded extension, which ``%config`` changes; None outside of a shell."""

    @classmethod
    def current(cls) -> LittleMem:
        """Return the settings that hold in this process: the extension's, or those of environment and file."""
        return cls.active or cls()

    @classmethod
    def settings(cls) -> dict[str, TraitType[Any, Any]]:
        """Return the settings by name."""
        return dict(sorted(cls.class_own_traits(config=True).items()))

    def origin(self, name: str) -> str:
        """Return where a value comes from: ``%config``, ``environment``, ``saved`` or ``default``."""
        return self._origins.get(name, "default")

    @property
    def address(self) -> str:
        """The address of the store."""
        return self.store or str(home() / "memory.db")

    @property
    def project_name(self) -> str | None:
        """The project that the settings stand for."""
        return find_project() if self.project == "auto" else self.project or None

    def set(self, name: str, text: str, *, save: bool) -> None:
        """Change a setting from text, as typed.

        Parameters
        ----------
        name
            The setting; ``model.fast`` means the alias ``fast``.
        text
            The value; for lists and dictionaries JSON or words with commas.
        save
            Whether to keep it for later sessions.

        Raises
        ------
        InvalidInput
            If there is no such setting, or the value does not fit.
        """
        if name.startswith("model.") and len(name) > len("model."):
            aliases = dict(self.aliases) | {name.removeprefix("model."): text}
            self._take("aliases", {k: v for k, v in aliases.items() if v}, "%config")
            name = "aliases"
        else:
            self._take(name, text, "%config")
        if save:
            self._save(name)

    def reset(self, name: str) -> None:
        """Forget the saved value of a setting and go back to its default."""
        self._trait(name)
        _write({key: value for key, value in _read().items() if key != name})
        setattr(self, name, self.trait_defaults(name))
        self._origins.pop(name, None)

    def _trait(self, name: str) -> TraitType[Any, Any]:
        trait = self.settings().get(name)
        if trait is None:
            raise InvalidInput(f"there is no setting {_shown(name)}; %mem config lists them.")
        return trait

    def _take(self, name: str, value: Any, origin: str) -> None:
        trait = self._trait(name)
        try:
            setattr(self, name, _parsed(trait, value) if isinstance(value, str) else value)
        except (TraitError, ValueError, RecursionError) as error:
            place = {"environment": f" (from {_variable(name)})", "saved": f" (from {_file()})"}.get(origin, "")
            raise InvalidInput(
                f"{_shown(value)} does not fit the setting {name}{place}: {trait.help} {error}"
            ) from None
        self._origins[name] = origin

    def _noted(self, change: Any) -> None:
        self._origins[change["name"]] = "%config"

    def _configured(self, name: str) -> bool:
        return any(name in self.config.get(cls.__name__, {}) for cls in type(self).mro())

    def _environment(self) -> dict[str, str]:
        found = {name: os.environ.get(_variable(name)) for name in self.settings()}
        return {name: value for name, value in found.items() if value is not None}

    def _saved(self) -> dict[str, Any]:
        known = self.settings()
        return {name: value for name, value in _read().items() if name in known}

    def _save(self, name: str) -> None:
        _write(_read() | {name: getattr(self, name)})
        self._origins[name] = "saved"

    @validate("timeout", "threshold", "capture_threshold")
    def _finite(self, proposal: Any) -> float:
        value: float = proposal["value"]
        if not math.isfinite(value):
            raise TraitError("a number must be finite.")
        return value

    @default("capture_types")
    def _all_types(self) -> list[str]:
        return _types()

    @validate("capture_types")
    def _known_types(self, proposal: Any) -> list[str]:
        types: list[str] = proposal["value"]
        unknown = [name for name in types if name not in _types()]
        if unknown:
            raise TraitError(f"{unknown[0]!r} is not one of {', '.join(_types())}.")
        return types

    @validate("store")
    def _no_nul(self, proposal: Any) -> str:
        value: str = proposal["value"]
        if "\x00" in value:
            raise TraitError("a path has no NUL character.")
        return value


def _types() -> list[str]:
    from littlemem_ipy.models import MemoryType  # here, as loading the extension must stay light

    return [str(kind) for kind in MemoryType]


def _shown(value: object) -> str:
    from littlemem_ipy.models.checks import shown  # here, as loading the extension must stay light

    return shown(value)


def _variable(name: str) -> str:
    return f"LITTLEMEM_{name.upper()}"


def _file() -> Path:
    return home() / "settings.json"


def _parsed(trait: TraitType[Any, Any], text: str) -> Any:
    """Return what was typed for a setting: for lists and dictionaries JSON, or words with commas."""
    if isinstance(trait, List | Dict):
        if text.lstrip().startswith(("[", "{")):
            return json.loads(text)
        words = [word.strip() for word in text.split(",") if word.strip()]
        return words if isinstance(trait, List) else dict(_pair(word) for word in words)
    if isinstance(trait, Bool):
        return _switch(text)
    return text if isinstance(trait, Unicode) else trait.from_string(text)


def _switch(text: str) -> bool:
    word = text.strip().lower()
    if word not in _SWITCHES:
        raise ValueError("Write on or off.")
    return _SWITCHES[word]


def _pair(word: str) -> tuple[str, str]:
    name, separator, value = word.partition("=")
    if not separator:
        raise ValueError(f"Write name=value, not {word!r}.")
    return name.strip(), value.strip()


def _read() -> dict[str, Any]:
    """Return what the file of saved settings holds, with what only a newer version knows.

    Raises
    ------
    InvalidInput
        If it can't be read; it is not written over.
    """
    try:
        data = json.loads(_file().read_text(encoding="utf-8"))
        if not isinstance(data, dict):
            raise ValueError("it is not a JSON object")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"The saved settings {_file()} can't be read: {error}. Mend or remove the file."
        ) from None
    return data


def _write(values: dict[str, Any]) -> None:
    """Replace the saved settings in one step, so that a crash leaves the old or the new ones."""
    target = _file()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".settings-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(values, file, indent=2, sort_keys=True, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, target)
