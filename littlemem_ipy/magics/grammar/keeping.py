"""Arguments of the verbs that keep the store safe as a whole."""

from __future__ import annotations

from littlemem_ipy.magics.grammar.options import nothing
from littlemem_ipy.magics.grammar.parser import Parser, Verb

__all__ = ["VERBS"]


def _backup(p: Parser) -> None:
    p.add_argument("path", nargs="?", metavar="PATH", help="a new file or a directory; left out, beside the store")
    p.add_argument("--seal", action="store_true", help="encrypt it; asks for a passphrase")
    p.add_argument("--overwrite", action="store_true", help="replace a file that is there")


def _restore_backup(p: Parser) -> None:
    p.add_argument("path", nargs="?", metavar="PATH", help="a backup, or a directory of snapshots")
    p.add_argument("--to", metavar="WHEN", help="the newest snapshot made until then: 2026-05-31, yesterday, 7d")
    p.add_argument("--yes", action="store_true", help="do it; without, it only says what it would do")


def _unlock(p: Parser) -> None:
    p.add_argument("--keyring", action="store_true", help="with a passphrase that the system's keyring keeps")


VERBS: dict[str, Verb] = {
    "backup": (_backup, "Copy the whole store to a file, opened and counted, while others write."),
    "restore-backup": (_restore_backup, "Take the whole store back to a backup; what it was is kept."),
    "unlock": (_unlock, "Open sensitive memories for this session; asks for the passphrase."),
    "lock": (nothing, "Close sensitive memories again."),
}
