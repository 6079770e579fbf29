"""What hypothesis draws from: text that hurts, and the fields of memories."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from littlemem_ipy.models import MemoryType, State

__all__ = ["NASTY", "any_text", "contents", "ids", "moments", "projects", "states", "tags", "types"]

# Operators of the full-text index, quotes, control and hiding characters, scripts that run the other way or
# without spaces, emoji, halves of surrogate pairs, and things that look like something else.
NASTY = (
    '"', "'", '""', "a AND b", "a NOT b", "a OR b", "NEAR(a b, 3)", "a*", "*", "^a", "title : a",
    "{title content} : a", "-a", "+a", "(a", "a)", "((((", 'a"b', '"a" "b', "a;b",
    "'; DROP TABLE memories; --", "%", "_", "?", ":1", "@a", "$a", "zxhidden", "zpnone", "ztgeneral",
    "zy2026 zm202611", "\x00", "a\x00b", "\x01\x02", "\t\n\r", "\x1b[31mred\x1b[0m", "\x7f", "\x85",
    "\u2028", "\u200b", "\u202eevil\u202c", "\ufeff", "\ud800", "\udfff a", "a\udc80", "🙂",
    "👩‍👩‍👧‍👦", "🇩🇪", "❤️", "שלום עולם", "مرحبا بالعالم", "日本語のテキスト", "中文 混合 text",
    "한국어", "ไทย", "ÄÖÜ straße", "İstanbul", "ﬁne", "e\u0301", "\u0301", "ŉ", "ẞ", "Ω", "𝒳",
    "\U0010ffff", "a" * 1000, "../../etc/passwd", "C:\\con", "{x}", "$x", "%mem", "!ls",
    "<script>alert(1)</script>", "&amp;", "«»", "…", "`", "```", "\\", "\\u0000", "None", "nan", "-1",
    "1e999", "0x10", "mem_1_abcdefghi", "MEM_1_abcdefghi", "mem_1_abcdefghi\n", "mem_٣_abcdefghi", "",
    " ", "\n", "...", "。",
)  # fmt: skip

anything = st.text(alphabet=st.characters(), max_size=60)
with_surrogates = st.text(alphabet=st.characters(exclude_categories=()), max_size=20)
any_text = st.one_of(
    st.sampled_from(NASTY),
    anything,
    with_surrogates,
    st.lists(st.sampled_from(NASTY), min_size=2, max_size=5).map(" ".join),
)
written = st.text(
    alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=200
)
contents = written.filter(lambda text: bool(text.strip()))
words = st.text(alphabet=st.characters(categories=("L", "N")), min_size=1, max_size=12)
tags = st.lists(words, max_size=5)
projects = st.one_of(st.none(), st.sampled_from(["alpha", "beta", "Ünïcode 東京"]))
types = st.sampled_from(list(MemoryType))
states = st.sampled_from(list(State))
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
ids = st.from_regex(r"mem_[0-9]{1,16}_[a-z0-9]{9}", fullmatch=True).filter(str.isascii)
