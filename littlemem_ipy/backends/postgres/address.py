"""Where the database is, who asks, and for which space: all in one address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models.checks import shown_address

__all__ = ["Address"]


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a space on a server.

    Attributes
    ----------
    url
        As it was written, in one spelling.
    options
        What libpq is told.
    space
        The name of the shared space; None for the user's private one alone.
    """

    url: str
    options: dict[str, Any]
    space: str | None

    @classmethod
    def of(cls, text: str) -> Address:
        """Return the address that a text means.

        Raises
        ------
        InvalidInput
            If it is none, or holds a password: addresses are shown in messages and in ``%mem`` itself.
        """
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise InvalidInput(f"{shown_address(text)} is no address: {error}.") from None
        asked = parse_qsl(parts.query, keep_blank_values=True)
        if parts.password is not None or any("password" in name.lower() for name, _ in asked):
            raise InvalidInput(
                "The address of the store holds a password, and addresses are shown in messages: take it out, "
                "and give it in PGPASSWORD or in the file ~/.pgpass."
            )
        if parts.fragment:
            raise InvalidInput(f"{shown_address(text)}: a # in an address is written as %23.")
        names = [value.strip() for name, value in asked if name == "space"]
        if len(names) > 1 or (names and not names[0]):
            raise InvalidInput(f"{shown_address(text)}: name one space, such as ?space=team-x, or leave it out.")
        rest = urlencode([pair for pair in asked if pair[0] != "space"])
        server = urlunsplit(("postgresql", parts.netloc, parts.path, rest, ""))
        try:
            options = conninfo_to_dict(server)
        except psycopg.ProgrammingError as error:
            reason = " ".join(str(error).split())
            raise InvalidInput(
                f"{shown_address(text)} is not the address of a PostgreSQL database: {reason}."
            ) from None
        space = names[0] if names else None
        query = urlencode([*([("space", space)] if space else []), *(p for p in asked if p[0] != "space")])
        return cls(urlunsplit(("postgresql", parts.netloc, parts.path, query, "")), options, space)

    @property
    def server(self) -> str:
        """The database as it is named in messages."""
        return self.url.partition("?")[0]
