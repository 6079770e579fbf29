"""The arguments of ``%%chat``."""

from __future__ import annotations

from littlemem_ipy.magics.grammar.parser import Parser

__all__ = ["chat_parser"]


def chat_parser() -> Parser:
    """Return the parser of ``%%chat`` and ``%chat``."""
    p = Parser("%%chat", "Talk to a model that remembers; the cell's body is the message.")
    p.add_argument("text", nargs="*", help="the message of %%chat; in %%%%chat it comes before the body")
    p.add_argument("-m", "--model", metavar="MODEL", help="a model as litellm names it, an alias, or 'demo'")
    p.add_argument("-o", "--output", metavar="NAME", help="put the reply object into this variable")
    p.add_argument("--new", action="store_true", help="begin a new conversation")
    p.add_argument("--resume", action="store_true", help="take up this notebook's last conversation again")
    p.add_argument("--thread", metavar="NAME", help="talk in the conversation of this name, from any notebook")
    p.add_argument("--fix", action="store_true", help="explain and fix the cell that failed last")
    p.add_argument("--code", action="store_true", help="put the code of the reply into a new cell")
    p.add_argument("--compare", action="store_true", help="ask without and with memory, side by side")
    p.add_argument("--only", metavar="REFS", help="inject only these memories: numbers or ids with commas")
    p.add_argument("--no-memory", action="store_true", help="inject no memories")
    p.add_argument("--no-capture", action="store_true", help="remember nothing of this exchange")
    p.add_argument("--no-stream", action="store_true", help="show the reply when it is whole")
    p.add_argument("--budget", type=int, metavar="N", help="tokens that memories may take")
    p.add_argument("--dry-run", action="store_true", help="show the exact request and send nothing")
    p.add_argument("--api-base", metavar="URL", help="address of the provider's server")
    return p
