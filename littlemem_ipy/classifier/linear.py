"""Logistic regression over hashed features."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Linear", "load", "place"]


def place(feature: str, buckets: int) -> int:
    """Return the bucket of a feature; `buckets` is a power of two."""
    return zlib.crc32(feature.encode("utf-8", "replace")) & (buckets - 1)


@dataclass(frozen=True)
class Linear:
    """The weights of a trained classifier.

    Attributes
    ----------
    classes
        The names of the classes.
    bias
        A number for each class.
    scale
        What a weight of 1 in the table stands for.
    buckets
        How many buckets the features are hashed into.
    table
        Signed bytes: for each bucket one weight a class.
    """

    classes: tuple[str, ...]
    bias: tuple[float, ...]
    scale: float
    buckets: int
    table: memoryview

    def sums(self, found: Iterable[str]) -> list[float]:
        """Return the weighted sum of features for each class, without the bias."""
        width, table, last = len(self.classes), self.table, self.buckets - 1
        total = [0] * width
        for feature in found:
            start = (zlib.crc32(feature.encode("utf-8", "replace")) & last) * width
            for at in range(width):
                total[at] += table[start + at]
        return [value * self.scale for value in total]

    def shares(self, sums: Iterable[float]) -> dict[str, float]:
        """Return how likely each class is, given the sums of all features."""
        raw = [value + bias for value, bias in zip(sums, self.bias, strict=True)]
        highest = max(raw)
        powers = [math.exp(value - highest) for value in raw]
        total = sum(powers)
        return {name: power / total for name, power in zip(self.classes, powers, strict=True)}

    def share(self, found: Iterable[str]) -> float:
        """Return how likely the one class of a classifier with a single class is."""
        table, last, bucket = self.table, self.buckets - 1, zlib.crc32
        total = sum([table[bucket(feature.encode("utf-8", "replace")) & last] for feature in found])
        return 1 / (1 + math.exp(-(total * self.scale + self.bias[0])))


@cache
def load(package: str, name: str) -> Linear:
    """Return the classifier whose weights are ``weights/<name>.json`` of a package, read once."""
    raw = json.loads(files(package).joinpath("weights", f"{name}.json").read_text(encoding="utf-8"))
    packed = zlib.decompress(base64.b64decode(raw["table"]))
    return Linear(
        tuple(raw["classes"]),
        tuple(raw["bias"]),
        raw["scale"],
        raw["buckets"],
        memoryview(packed).cast("b"),
    )
