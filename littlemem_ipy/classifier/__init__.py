"""A small linear classifier of sentences: pure Python, no dependency, weights read when they are first needed.

Training needs scikit-learn and happens outside of the package (``tests/benchmarks/train_*.py``); what ships are
the weights, a byte each. `features` and `words` are what a sentence looks like to it, in any of the languages.
"""

from __future__ import annotations

from littlemem_ipy.classifier.features import features, words
from littlemem_ipy.classifier.linear import Linear, load, place

__all__ = ["Linear", "features", "load", "place", "words"]
