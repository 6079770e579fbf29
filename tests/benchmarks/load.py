"""What ``%load_ext littlemem_ipy`` costs beyond a bare IPython: ``python tests/benchmarks/load.py [RUNS]``.

Each figure is the median of whole processes that run alternately, so that a change of the
machine's speed meets both. The reference is IPython's own start in the same run.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

BARE = "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance()"
LOADED = BARE + "; s.run_line_magic('load_ext', 'littlemem_ipy')"


def seconds(code: str) -> float:
    """Return the wall time of a Python process that runs `code`."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def main(runs: int) -> None:
    """Print the medians and their difference."""
    seconds(LOADED)  # compiles and warms the disk cache
    pairs = [(seconds(BARE), seconds(LOADED)) for _ in range(runs)]
    bare, loaded = (statistics.median(column) for column in zip(*pairs, strict=True))
    extra = statistics.median(b - a for a, b in pairs)
    print(f"bare IPython        {bare:.3f} s")
    print(f"with the extension  {loaded:.3f} s")
    print(f"the extension alone {extra:.3f} s = {extra / bare:.2f} of IPython's own start (goal: at most 0.15 s)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
