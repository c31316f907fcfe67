"""How unexpected each word is to a network that predicts the next token, in bits."""

from typing import Any

import numpy as np

from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.networks.device import on_device
from isocortex.networks.hooks import evaluating, forward
from isocortex.networks.network import Network
from isocortex.networks.text.contexts import Context
from isocortex.networks.text.network import TextNetwork
from isocortex.networks.text.passes import Pass, passes, stretches
from isocortex.networks.text.reading import Reading, reading_of

_NUMBERS = 2**26
"""Of tokens in a pass times tokens in the vocabulary: a quarter of a gigabyte."""


def surprisals(network: Network, words: Stimuli, context: Context) -> np.ndarray:
    """Minus the binary logarithm of the probability of each word, shape (n_words,).

    NaN where nothing stands before a word, so that it has no probability.

    Raises
    ------
    InputError
        If the network does not predict words from those before them.
    """
    reader = _predicting(network)
    reading = reading_of(words, reader.tokens, context)
    whole = _with_blanks(reading, len(reader.tokens.specials[0]))
    some = stretches(whole, range(len(whole)), reader, context.cache)
    n_words = reader.module.get_output_embeddings().weight.shape[0]
    found = np.full(len(whole), np.nan)
    with on_device(reader.module, "auto"):
        for each in passes(some, reader, None, max(1, _NUMBERS // n_words)):
            found[each.rows] = _bits(reader, whole, each)
    return found


def _predicting(network: Network) -> TextNetwork:
    if not isinstance(network, TextNetwork):
        raise InputError(
            f"features.surprisal needs a network that reads text; {network.name} takes "
            f"{network.modality}."
        )
    if not network.causal:
        raise InputError(
            f"features.surprisal needs a network that predicts each word from those before it; "
            f"{network.name} reads both ways."
        )
    head = getattr(network.module, "get_output_embeddings", lambda: None)()
    if head is None:
        raise InputError(
            f"features.surprisal: {network.name} ({type(network.module).__name__}) has no head "
            "that predicts words. Load one that was saved with it, such as GPT2LMHeadModel."
        )
    return network


def _with_blanks(reading: Reading, head: int) -> Reading:
    """Tokens that are a blank alone belong to the word behind them."""
    first = reading.first.copy()
    for number, text in enumerate(reading.texts):
        rows = np.nonzero(reading.text == number)[0]
        before = np.r_[0, text.stop[:-1]]
        first[rows] = np.minimum(first[rows], np.maximum(before - reading.begin[rows], 0) + head)
    return Reading(reading.texts, reading.text, reading.begin, reading.end, first, reading.last)


def _bits(reader: TextNetwork, reading: Reading, each: Pass) -> np.ndarray:
    """Of the rows of a pass."""
    import torch

    with evaluating(reader.module), torch.inference_mode():
        logits: Any = forward(reader.module, each.batch).logits
    bits = np.full(len(each.rows), np.nan)
    head = len(reader.tokens.specials[0])
    ids = each.batch["input_ids"]
    for i, (row, stretch) in enumerate(zip(each.rows, each.stretch, strict=True)):
        places = np.arange(int(reading.first[row]), int(reading.last[row]))
        inside = places - head + reading.begin[row]
        places = places[reading.texts[reading.text[row]].counted[inside]]
        if not places[0]:
            continue  # Nothing stands before it.
        at = torch.from_numpy(places).to(ids.device)
        known = torch.log_softmax(logits[stretch, at - 1].float(), -1)
        own = known.gather(1, ids[stretch, at][:, None])
        bits[i] = -float(own.double().sum()) / np.log(2)
    return bits
