"""`LittleMem`, the settings."""

from __future__ import annotations

import math
import os
from typing import Any, ClassVar

from traitlets import Bool, Dict, Enum, Float, Integer, List, TraitError, TraitType, Unicode, default, validate
from traitlets.config import Configurable

from littlemem_ipy.config.places import find_project, home
from littlemem_ipy.config.saved import read_saved, saved_file, write_saved
from littlemem_ipy.config.typed import parsed
from littlemem_ipy.errors import InvalidInput

__all__ = ["LittleMem"]


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
    capture_types = List(Unicode(), help="Types that capture may save; 'general:propose' always asks first.").tag(
        config=True
    )
    capture_model = Unicode(
        "", help="Model that is asked after each reply what to remember; empty leaves it to the built-in rules."
    ).tag(config=True)
    capture_runs = Bool(
        False, help="Learn from what runs: how an error was fixed, which columns a table has; off by default."
    ).tag(config=True)
    tools = Enum(["all", "read-only", "off"], "all", help="Memory tools that models may use.").tag(config=True)
    log_chats = Bool(True, help="Keep each exchange, searchable and to be taken up again.").tag(config=True)
    embedder = Unicode(
        "none", help="Search by meaning as well: 'none', 'static' (local vectors), or litellm:MODEL."
    ).tag(config=True)
    auto_cleanup = Bool(
        False, help="Archive once a day, with a chat, what its type keeps no longer; it says so, and undo works."
    ).tag(config=True)
    store = Unicode("", help="Address of the store; empty for memory.db in the home directory.").tag(config=True)
    project = Unicode("auto", help="'auto' for the git root's name, a name, or empty for no project.").tag(
        config=True
    )

    share_sensitive = Bool(
        False, help="Let models see sensitive memories while these are unlocked; without, nothing of them leaves."
    ).tag(config=True)
    backups = Unicode(
        "off", help="Snapshots beside the store: 'off', 'hourly', 'daily' or 'weekly'; 'daily:14' keeps 14, not 7."
    ).tag(config=True)

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
        write_saved({key: value for key, value in read_saved().items() if key != name})
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
            setattr(self, name, parsed(trait, value) if isinstance(value, str) else value)
        except (TraitError, ValueError, RecursionError) as error:
            place = {"environment": f" (from {_variable(name)})", "saved": f" (from {saved_file()})"}.get(
                origin, ""
            )
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
        return {name: value for name, value in read_saved().items() if name in known}

    def _save(self, name: str) -> None:
        write_saved(read_saved() | {name: getattr(self, name)})
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
        unknown = [name for name in types if name.removesuffix(_propose()) not in _types()]
        if unknown:
            raise TraitError(f"{unknown[0]!r} is not one of {', '.join(_types())}.")
        return types

    @validate("backups")
    def _schedule(self, proposal: Any) -> str:
        from littlemem_ipy.models.schedules import Schedule  # here, as loading the extension must stay light

        value: str = proposal["value"]
        try:
            Schedule.of(value)
        except InvalidInput as error:
            raise TraitError(str(error)) from None
        return value

    @validate("store")
    def _no_nul(self, proposal: Any) -> str:
        value: str = proposal["value"]
        if "\x00" in value:
            raise TraitError("a path has no NUL character.")
        return value


def _propose() -> str:
    from littlemem_ipy.models.kinds import PROPOSE  # here, as loading the extension must stay light

    return PROPOSE


def _types() -> list[str]:
    from littlemem_ipy.models import MemoryType  # here, as loading the extension must stay light

    return [str(kind) for kind in MemoryType]


def _shown(value: object) -> str:
    from littlemem_ipy.models.checks import shown  # here, as loading the extension must stay light

    return shown(value)


def _variable(name: str) -> str:
    return f"LITTLEMEM_{name.upper()}"
