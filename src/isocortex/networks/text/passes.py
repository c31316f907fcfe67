"""Passes over stretches of text: of one length side by side, and shared where that is exact."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.networks.text.network import TextNetwork
from isocortex.networks.text.reading import Reading

AT_ONCE = 64
"""Stretches in one pass, where nothing is said."""

_TOKENS = 4096
"""Tokens in one pass, at most (but for a single stretch)."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """Tokens that are read in one go, and the rows for which they are."""

    ids: np.ndarray
    """With special tokens."""
    rows: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Pass:
    """Several stretches, padded on the right, where no token before it can see the padding."""

    batch: Mapping[str, Any]
    """What the network takes: ids and the mask, shape (n_stretches, n_tokens)."""
    rows: np.ndarray
    """All rows that are read off it, shape (n_rows,)."""
    stretch: np.ndarray
    """In which stretch each of them is."""


def stretches(reading: Reading, rows: Sequence[int], network: TextNetwork, share: bool) -> list:
    """The stretches that must be read for some rows, the shortest first.

    Parameters
    ----------
    reading : Reading
    rows : sequence of int
    network : TextNetwork
    share : bool
        Whether rows whose contexts begin at the same token share a stretch; only right for a
        causal network.
    """
    around = network.tokens.around
    groups: dict[tuple[int, ...], list[int]] = {}
    for row in rows:
        place = (int(reading.text[row]), int(reading.begin[row]))
        groups.setdefault(place if share else (*place, int(row)), []).append(int(row))
    found = [
        Stretch(
            around(reading.texts[place[0]].ids[place[1] : max(reading.end[row] for row in some)]),
            tuple(some),
        )
        for place, some in groups.items()
    ]
    return sorted(found, key=lambda each: len(each.ids))


def passes(
    found: Sequence[Stretch],
    network: TextNetwork,
    batch_size: int | None,
    n_tokens: int = _TOKENS,
) -> Iterator[Pass]:
    """The stretches side by side, as many as fit.

    Parameters
    ----------
    found : sequence of Stretch
        The shortest first.
    network : TextNetwork
    batch_size : int, optional
        Stretches in one pass; default as many as have ``n_tokens`` tokens, at most 64.
    n_tokens : int, default=4096
    """
    extra = _extra(network.module)
    place = 0
    while place < len(found):
        some = found[place : place + (batch_size or AT_ONCE)]
        if batch_size is None:
            fits = [i for i, each in enumerate(some) if (i + 1) * len(each.ids) <= n_tokens]
            some = some[: max(1, len(fits))]
        place += len(some)
        yield _pass(some, network, extra)


def _pass(some: Sequence[Stretch], network: TextNetwork, extra: Mapping[str, Any]) -> Pass:
    length = max(len(each.ids) for each in some)
    ids = np.full((len(some), length), padding_of(network), np.int64)
    mask = np.zeros((len(some), length), np.int64)
    for i, each in enumerate(some):
        ids[i, : len(each.ids)] = each.ids
        mask[i, : len(each.ids)] = 1
    names = {"input_ids": network.as_batch(ids), "attention_mask": network.as_batch(mask)}
    return Pass(
        batch={**names, **extra},
        rows=np.concatenate([np.array(each.rows, np.int64) for each in some]),
        stretch=np.repeat(np.arange(len(some)), [len(each.rows) for each in some]),
    )


def padding_of(network: TextNetwork) -> int:
    """The id that stands behind shorter texts; RoBERTa counts positions by it."""
    known = (
        getattr(getattr(network.module, "config", None), "pad_token_id", None),
        getattr(network.tokens.tokenizer, "pad_token_id", None),
    )
    return next((int(each) for each in known if each is not None and each >= 0), 0)


def _extra(module: Any) -> dict[str, Any]:
    """No keys and values are kept, since no pass goes on with them."""
    known = inspect.signature(module.forward).parameters
    return {"use_cache": False} if "use_cache" in known else {}


Pooled = Callable[[Any, Any, Any, Any], Any]
"""From an output (n_stretches, n_tokens, n_units), the stretch of each row, its first token and
that behind its last, to (n_rows, n_units)."""


def mean(output: Any, stretch: Any, first: Any, last: Any) -> Any:
    """The average of a row's tokens."""
    import torch

    counts = last - first
    row = torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts)
    # Of each token of each row, its place in the text.
    within = torch.arange(len(row), device=row.device) - (counts.cumsum(0) - counts)[row]
    some = output[stretch[row], first[row] + within]
    total = torch.zeros((len(counts), *some.shape[1:]), dtype=some.dtype, device=some.device)
    return total.index_add_(0, row, some) / counts.reshape(-1, *[1] * (some.ndim - 1))


def earliest(output: Any, stretch: Any, first: Any, last: Any) -> Any:  # noqa: ARG001
    """The first of a row's tokens."""
    return output[stretch, first]


def latest(output: Any, stretch: Any, first: Any, last: Any) -> Any:  # noqa: ARG001
    """The last of a row's tokens."""
    return output[stretch, last - 1]


def one_by_one(pooling: Callable[[Any, tuple[int, ...]], Any]) -> Pooled:
    """Any function of an output (1, n_tokens, n_units) and the axis of its tokens."""
    import torch

    def pooled(output: Any, stretch: Any, first: Any, last: Any) -> Any:
        rows = zip(stretch.tolist(), first.tolist(), last.tolist(), strict=True)
        return torch.cat([pooling(output[i : i + 1, a:b], (1,)) for i, a, b in rows])

    return pooled
