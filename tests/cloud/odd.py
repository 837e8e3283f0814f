"""JSON as no service should send it, for readers that must not stumble."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything: st.SearchStrategy[Any] = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


def odd(sample: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A recorded object with any of its fields left out or changed into anything."""
    return st.fixed_dictionaries({}, optional={key: st.just(value) | anything for key, value in sample.items()})
