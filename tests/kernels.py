"""Real kernels, as a notebook starts them."""

from __future__ import annotations

from typing import Any

from jupyter_client.manager import start_new_kernel

__all__ = ["Kernel"]


class Kernel:
    """A kernel, and what its cells show.

    Parameters
    ----------
    patience
        Seconds that a cell may be silent.
    """

    def __init__(self, patience: float = 60) -> None:
        self.patience = patience
        self.manager, self.client = start_new_kernel(kernel_name="python3", startup_timeout=60)
        self._shown: dict[str, list[str]] = {}

    def start(self, code: str) -> str:
        return str(self.client.execute(code))

    def wait_for(self, started: str, text: str) -> None:
        """Wait until a running cell shows a text."""
        while text not in "".join(self.shown(started)):
            self._take(started)

    def finish(self, started: str) -> tuple[str, str]:
        """Wait for a cell; give its status and everything that it showed."""
        while not self._take(started):
            pass
        reply = self.client.get_shell_msg(timeout=self.patience)
        while reply["parent_header"].get("msg_id") != started:
            reply = self.client.get_shell_msg(timeout=self.patience)
        return reply["content"]["status"], "\n".join(self.shown(started))

    def shown(self, started: str) -> list[str]:
        return self._shown.setdefault(started, [])

    def _take(self, started: str) -> bool:
        """Read one message; true when the cell is done."""
        message = self.client.get_iopub_msg(timeout=self.patience)
        if message["parent_header"].get("msg_id") != started:
            return False
        content: dict[str, Any] = message["content"]
        texts = [content.get("text", ""), content.get("data", {}).get("text/plain", "")]
        self.shown(started).extend(filter(None, [*texts, "\n".join(content.get("traceback", []))]))
        return content.get("execution_state") == "idle"

    def run(self, code: str) -> tuple[str, str]:
        return self.finish(self.start(code))

    def end(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
