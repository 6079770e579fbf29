"""A question mark at the end of a message is a question, not a request for IPython's help.

IPython reads ``%chat which engine do we use?`` as "show the documentation of ``use``". This input
transformer hands such lines to the magic; ``%chat?`` and ``%mem search?`` still ask for help.
"""

from __future__ import annotations

import re

__all__ = ["keep_question_marks"]

_ASKING = re.compile(r"^(?P<to>\s*(?:[A-Za-z_]\w*\s*=\s*)?)%(?P<magic>chat|mem)\s+(?P<rest>\S.*\?\s*)$")
_TEXT_VERB = re.compile(r"(?:add|search)\s+\S")


def keep_question_marks(lines: list[str]) -> list[str]:
    """Return a cell's lines with our magics' questions as calls.

    Parameters
    ----------
    lines
        The lines, as IPython hands them to an input transformer.
    """
    # In a cell magic everything below the first line is text.
    if lines and lines[0].lstrip().startswith("%%"):
        return lines
    return [_call(line) for line in lines]


def _call(line: str) -> str:
    found = _ASKING.match(line)
    if found is None or (found["magic"] == "mem" and not _TEXT_VERB.match(found["rest"])):
        return line
    end = "\n" if line.endswith("\n") else ""
    return f"{found['to']}get_ipython().run_line_magic({found['magic']!r}, {found['rest'].rstrip()!r}){end}"
