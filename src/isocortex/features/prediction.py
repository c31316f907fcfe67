"""How unexpected each word is to a network that predicts words."""

import numpy as np

from isocortex.choice import listed
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError, warn
from isocortex.features.rows import responses, words_of
from isocortex.networks.load import load_network
from isocortex.networks.network import Network, NetworkLike
from isocortex.networks.text.contexts import Blocks, Growing, context_of
from isocortex.networks.text.surprisal import surprisals


@door
def surprisal(
    network: NetworkLike,
    words: Stimuli,
    context: int | Blocks | Growing = Growing(),  # noqa: B008
) -> Responses:
    r"""How unexpected each word is after those before it, in bits.

    :math:`-\sum_i \log_2 p(t_i \mid t_{<i})` over the tokens :math:`t_i` of the word, where the
    blank in front of a word counts to it, and its end does not. Tokens that are points or quotes
    around the word are read, but do not count. Words see their own run alone.

    Parameters
    ----------
    network : Network or str
        That predicts the next token, saved with its head: GPT-2, OPT, Llama …
    words : Stimuli
        The words of a running text, as :meth:`Stimuli.from_words` reads them.
    context : int, Blocks or Growing, default=Growing()
        What stands before each word, as for :func:`extract`.

    Returns
    -------
    Responses
        One unit, in bits, with the table of the words. A word before which nothing stands (the
        first of a run, unless the tokenizer puts a token at the start) has no probability, and
        no row.

    Raises
    ------
    InputError
        If the network reads both ways or has no head, the texts are no words, no word has a
        probability, or the context is longer than what the network reads at once.

    Warns
    -----
    IsocortexWarning
        With the words that have no row.

    See Also
    --------
    log_frequency : How often a word is met at all.
    isocortex.extract : What the layers of such a network do.

    References
    ----------
    Smith & Levy, "The effect of word predictability on reading time is logarithmic", Cognition
    2013. https://doi.org/10.1016/j.cognition.2013.02.013

    Examples
    --------
    >>> import isocortex as ic
    >>> gpt2 = ic.load_network("openai-community/gpt2")  # doctest: +SKIP
    >>> words = ic.Stimuli.from_words("alice.TextGrid")  # doctest: +SKIP
    >>> bits = ic.features.surprisal(gpt2, words, ic.Blocks(200))  # doctest: +SKIP
    """
    who = "features.surprisal"
    found = words_of(words, who)
    reader = network if isinstance(network, Network) else load_network(network)
    before = context_of(context)
    bits = surprisals(reader, words, before)
    without = np.nonzero(np.isnan(bits))[0]
    if len(without) == len(bits):
        raise InputError(f"{who}: nothing stands before any word. Use a context= of some words.")
    choices = {"network": reader.name, "context": repr(before)}
    if not len(without):
        return responses(bits[:, None], found, ["bits"], "surprisal", choices)
    warn(
        f"{who}: nothing stands before {len(without)} of {len(bits)} words, which have no "
        f"probability and no row: {listed(found.names[i] for i in without)}."
    )
    rows = np.nonzero(~np.isnan(bits))[0]
    return responses(bits[rows, None], words.take(rows), ["bits"], "surprisal", choices)
