"""The quickstart as a newcomer runs it, in JupyterLab and in Notebook 7."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.frontends import NotebookPage

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "01_quickstart.ipynb"
CONTRAST = 4.5  # WCAG 2.1, 1.4.3, level AA

# The contrast of every text of an output with the first ground behind it that isn't transparent.
_CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] > 250) return color;
    }
    return [255, 255, 255, 255];
  };
  const found = [];
  for (const output of document.querySelectorAll(".jp-Notebook .jp-OutputArea-output")) {
    const walker = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || !parent.checkVisibility()) continue;
      const [a, b] = [luminance(rgba(getComputedStyle(parent).color)), luminance(ground(parent))];
      found.push([walker.currentNode.data.trim(), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
    }
  }
  return found;
}"""


@pytest.fixture(params=["lab", "notebook"])
def quickstart(request: pytest.FixtureRequest, open_notebook: Open) -> NotebookPage:
    page = open_notebook(QUICKSTART, request.param)
    page.command("notebook:clear-all-cell-outputs")
    page.listen()
    page.run_all()
    return page


def test_everything_of_the_quickstart_works(quickstart: NotebookPage) -> None:
    outputs = quickstart.outputs
    replies = quickstart.page.locator(".jp-Notebook .jp-RenderedMarkdown.jp-OutputArea-output")
    expect(replies.get_by_text("I remember this about it: “I prefer polars over pandas for joins”")).to_have_count(
        1
    )
    expect(replies.get_by_text("1 means the customer left”")).to_have_count(1)
    expect(outputs.get_by_text("Traceback")).to_have_count(0)

    receipts = outputs.locator("summary")
    expect(receipts.first).to_contain_text("0 memories used · 1 captured")
    expect(receipts.nth(1)).to_contain_text("1 memory used · 0 captured")
    detail = outputs.locator("details").nth(1).locator("li")
    expect(detail).to_be_hidden()
    receipts.nth(1).click()
    expect(detail).to_have_text("used: I prefer polars over pandas for joins (user_preference)")

    _streams(quickstart)
    for theme in ("light", "dark"):
        quickstart.theme(theme)
        _reads_well(quickstart)


def _streams(page: NotebookPage) -> None:
    """A reply appears before it is whole, in one output that grows."""
    heard = page.heard()
    begun = {
        m["content"]["transient"]["display_id"]: m["content"]["data"]["text/plain"]
        for m in heard
        if m["type"] == "display_data" and m["content"].get("transient", {}).get("display_id")
    }
    ended = {
        m["content"]["transient"]["display_id"]: m["content"]["data"]["text/plain"]
        for m in heard
        if m["type"] == "update_display_data"
    }
    assert len(begun) == 4
    assert ended.keys() == begun.keys()
    assert all(ended[key].startswith(text) and len(text) < len(ended[key]) for key, text in begun.items())


def _reads_well(page: NotebookPage) -> None:
    texts = page.page.evaluate(_CONTRASTS)
    assert len(texts) > 60
    assert [(text, round(ratio, 2)) for text, ratio in texts if ratio < CONTRAST] == []
