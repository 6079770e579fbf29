"""How long `littlemem-mcp` takes from its start to its first answer, beside the protocol's own library.

    python tests/benchmarks/mcp_start.py [rounds]

The reference is a process of the same Python that only imports the server side of ``mcp``; both
are started in turn, in the same run, and the medians are printed with their ratio.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "bench", "version": "1"},
    },
}


def first_answer(store: Path) -> float:
    """Start the server, say hello, and return the seconds until it answers."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "littlemem_ipy.mcp_server", "--store", str(store)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(HELLO).encode() + b"\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        seconds = time.perf_counter() - start
        server.stdin.close()
        assert server.wait(10) == 0
    assert answer["result"]["serverInfo"]["name"] == "littlemem"
    return seconds


def library_alone() -> float:
    """Return the seconds that a process takes which only imports the library."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import mcp.server.lowlevel, mcp.server.stdio"], cwd=ROOT, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder:
        pairs = [(first_answer(Path(folder) / "memory.db"), library_alone()) for _ in range(rounds)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"first answer {ours:.2f} s, the mcp library alone {theirs:.2f} s, ratio {ours / theirs:.2f} (n={rounds})"
    )


if __name__ == "__main__":
    main()
