"""The gates on every write path: secrets are masked, injected instructions are pointed out."""

from __future__ import annotations

from .findings import Finding
from .injections import find_injections
from .secrets import find_secrets, redact

__all__ = ["Finding", "find_injections", "find_secrets", "redact"]
