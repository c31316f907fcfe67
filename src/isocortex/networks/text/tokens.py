"""From text to token ids, as a network's own tokenizer gives them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from isocortex.errors import InputError
from isocortex.networks.identity.fingerprint import digest

_NO_LIMIT = 10**9
"""Tokenizers without a limit of their own say 1e30."""


@dataclass(frozen=True, eq=False)
class Tokens:
    """A fast tokenizer, and how many tokens its network reads at once.

    It is what :attr:`Network.preprocessing` is for a network that reads text: called with a
    text, it gives its token ids with the special tokens around them.

    Parameters
    ----------
    tokenizer : tokenizer of transformers
        A fast one, which tells the place of each token in the text.
    positions : int, optional
        The number of positions that the network has; None where there is no limit.

    Raises
    ------
    InputError
        If it is no fast tokenizer.
    """

    tokenizer: Any
    positions: int | None = None

    def __post_init__(self):
        if not getattr(self.tokenizer, "is_fast", False):
            raise InputError(
                f"Text needs a fast tokenizer of transformers, which tells the place of each token "
                f"in the text; {type(self.tokenizer).__name__} is none. Save the network with a "
                "file tokenizer.json beside it."
            )

    @property
    def limit(self) -> int | None:
        """How many tokens the network reads at once, special ones included; None: any number."""
        own = getattr(self.tokenizer, "model_max_length", None)
        known = [n for n in (own, self.positions) if n is not None and n < _NO_LIMIT]
        return int(min(known)) if known else None

    def spans(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Token ids of a text, without special ones, and where each is in the text.

        Returns
        -------
        ids : int64 array, shape (n_tokens,)
        spans : int64 array, shape (n_tokens, 2)
            Start and end of each in characters.
        """
        found = self.tokenizer(
            text,
            add_special_tokens=False,
            return_offsets_mapping=True,
            truncation=False,
            padding=False,
            verbose=False,
        )
        ids = np.asarray(found["input_ids"], dtype=np.int64)
        return ids, np.asarray(found["offset_mapping"], dtype=np.int64).reshape(-1, 2)

    @cached_property
    def specials(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The special tokens that the tokenizer puts before and after a text."""
        found = self.tokenizer("a", return_special_tokens_mask=True, truncation=False)
        ids, marks = found["input_ids"], found["special_tokens_mask"]
        inner = [i for i, mark in enumerate(marks) if not mark]
        first, last = (inner[0], inner[-1]) if inner else (len(ids), len(ids) - 1)
        return tuple(ids[:first]), tuple(ids[last + 1 :])

    def around(self, ids: np.ndarray) -> np.ndarray:
        """Token ids with the special ones before and after them."""
        head, tail = self.specials
        return np.concatenate([np.array(head, np.int64), ids, np.array(tail, np.int64)])

    def __call__(self, text: str) -> np.ndarray:
        """Token ids of one text, with special ones, shape (n_tokens,)."""
        return self.around(self.spans(str(text))[0])

    def named(self, ids: Sequence[int]) -> str:
        """Special tokens as they are written."""
        return " ".join(map(str, self.tokenizer.convert_ids_to_tokens(list(ids))))

    @cached_property
    def identity(self) -> str:
        """A hash of all that decides the ids: vocabulary, merges, rules and special tokens."""
        return digest([self.tokenizer.backend_tokenizer.to_str(), repr(self.specials)])

    def __repr__(self) -> str:
        head, tail = self.specials
        around = " … ".join(part for part in (self.named(head), self.named(tail)) if part)
        limit = "any number of" if self.limit is None else f"at most {self.limit}"
        special = f", {around}" if around else ", no special tokens"
        return f"{type(self.tokenizer).__name__}({limit} tokens{special})"
