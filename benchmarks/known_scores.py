"""Computes the tables of networks that ``ic.score`` shows beside the user's own.

`python benchmarks/known_scores.py images92 alice` needs the weights in ISOCORTEX_WEIGHTS (or beside
the checkout) and writes src/isocortex/study/benchmarks/images92.csv and alice.csv.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

import isocortex as ic
from isocortex.features import embedding, log_frequency, word_rate

NETWORKS = {
    "alexnet": ("alexnet_features", [f"conv{i}_relu" for i in range(1, 6)]),
    "squeezenet1_1": ("squeezenet1_1", "main"),
    "tf_efficientnet_lite0": ("tf_efficientnet_lite0", "main"),
    "cifar10_resnet20": ("cifar10_resnet20", "main"),
}
GLOVE = ("glove_50d", "glove_6b_50d_20k.npz")
MINILM = "minilm_l6"
INTO = Path(__file__).parents[1] / "src/isocortex/study/benchmarks"


def images92() -> Iterator[pd.DataFrame]:
    """Each network with its weights, and those of two with random weights."""
    for name, (folder, layers) in NETWORKS.items():
        weights = ic.datasets.local_weights(folder)
        network = ic.load_network(name, weights=weights)
        yield rows(network, "images92", f"weights {folder}", layers)
    for name in ("squeezenet1_1", "alexnet"):
        network = ic.load_network(name, weights=None, seed=0, name=f"{name}, untrained")
        yield rows(network, "images92", "random weights, seed 0", NETWORKS[name][1])


def alice() -> Iterator[pd.DataFrame]:
    """What is known of single words, and a text network."""
    folder, file = GLOVE
    glove = ic.datasets.local_weights(folder) / file

    def frequency(words: ic.Stimuli) -> ic.Responses:
        return ic.Responses.concat([word_rate(words), log_frequency(words)])

    def vectors(words: ic.Stimuli) -> ic.Responses:
        return ic.Responses.concat([word_rate(words), embedding(words, glove, unknown="zero")])

    yield rows(word_rate, "alice", "no weights").assign(network="word rate")
    yield rows(frequency, "alice", "no weights").assign(network="word rate, log frequency")
    yield rows(vectors, "alice", f"weights {folder}").assign(network="word rate, GloVe")
    network = ic.load_network(ic.datasets.local_weights(MINILM), name="MiniLM")
    yield rows(network, "alice", f"weights {MINILM}", "hidden state *")


BENCHMARKS: dict[str, Callable[[], Iterator[pd.DataFrame]]] = {"images92": images92, "alice": alice}


def rows(
    own: object, benchmark: str, weights: str, layers: str | list[str] = "main"
) -> pd.DataFrame:
    """The rows of one network alone."""
    table = ic.score(own, benchmark, layers=layers)
    mine = table[table["computed"] == "now"]
    return mine.assign(computed=f"by isocortex {ic.__version__}, {weights}")


if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        table = pd.concat(list(BENCHMARKS[name]()), ignore_index=True)
        table.to_csv(INTO / f"{name}.csv", index=False, float_format="%.4f", lineterminator="\n")
        print(table.to_string())
