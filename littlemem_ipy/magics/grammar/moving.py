"""Arguments of the verbs that take memories out and bring them in."""

from __future__ import annotations

from littlemem_ipy.magics.grammar.options import chosen
from littlemem_ipy.magics.grammar.parser import Parser, Verb
from littlemem_ipy.models import MemoryType, State
from littlemem_ipy.transfer import FORMATS, LABELS, Mode

__all__ = ["VERBS"]


def _export(p: Parser) -> None:
    add = p.add_argument
    add("path", metavar="FILE", help="where to; for Markdown a directory, or a name that ends with .zip")
    add("text", nargs="*", help="only what a search for these words finds")
    add("--format", choices=FORMATS, metavar="FORMAT", help=f"one of {', '.join(FORMATS)}; else the name says it")
    chosen(p)
    kinds = [str(t) for t in MemoryType]
    add("--not-type", action="append", choices=kinds, metavar="TYPE", help="without this type; repeatable")
    add("--state", action="append", choices=[str(s) for s in State], metavar="STATE", help="only in this state")
    add("--active", action="store_true", help="only what is in use; else all but deleted ones go along")
    add("-n", "--limit", type=int, metavar="N", help="at most N")
    add("--history", action="store_true", help="with the earlier states (json, jsonl)")
    add("--events", action="store_true", help="with what happened to each (json, jsonl)")
    add("--description", metavar="TEXT", help="a sentence that stands in the file (json, jsonl)")
    add("--overwrite", action="store_true", help="replace a file that is there")
    add("--seal", action="store_true", help="encrypt it; asks for a passphrase")
    add("--reveal", action="store_true", help="sensitive memories in clear text; %%mem unlock first")


def _import(p: Parser) -> None:
    add = p.add_argument
    add("path", metavar="FILE", help="the file or directory; what it is, is told from its content")
    add("--mode", choices=[str(m) for m in Mode], default="skip", metavar="MODE", help=_MODES)
    add("--dry-run", action="store_true", help="only tell what would be done")
    add("--trust", action="store_true", help="it is your own: take it into use at once instead of the inbox")
    add("--yes", action="store_true", help="overwrite memories without showing the differences first")
    add("--format", choices=list(LABELS), metavar="FORMAT", help="refuse the file unless it is this")


def _bundle(p: Parser) -> None:
    add = p.add_argument
    add("action", choices=["export", "sync"], metavar="export|sync", help="write the files, or merge both ways")
    add("path", nargs="?", metavar="DIR", help="the directory (default: .littlemem in the project's root)")
    add("--trust", action="store_true", help="take what comes in into use at once instead of the inbox")


def _copy(p: Parser) -> None:
    p.add_argument("source", metavar="FROM", help="the address or path of a store")
    p.add_argument(
        "target", metavar="TO", help="the address or path of another one; it may hold some of it already"
    )


_MODES = (
    "where the store has another version: skip (default; the store's stays), overwrite, newest, keep-both, or"
    " fail (then nothing is imported)"
)
VERBS: dict[str, Verb] = {
    "export": (_export, "Write memories to a file, all of the scope or a selection."),
    "import": (_import, "Take memories in from a file; also from other programs."),
    "bundle": (_bundle, "Share the project's memories as text files for git, and merge those of others."),
    "copy": (_copy, "Copy a whole store to another place or kind, with its histories and events."),
}
