"""Computes the table of networks that ``ic.score`` shows beside the user's own.

`python benchmarks/known_scores.py` needs the weights in ISOCORTEX_WEIGHTS (or beside the checkout)
and writes src/isocortex/study/benchmarks/images92.csv.
"""

from pathlib import Path

import pandas as pd

import isocortex as ic

NETWORKS = {
    "alexnet": ("alexnet_features", [f"conv{i}_relu" for i in range(1, 6)]),
    "squeezenet1_1": ("squeezenet1_1", "main"),
    "tf_efficientnet_lite0": ("tf_efficientnet_lite0", "main"),
    "cifar10_resnet20": ("cifar10_resnet20", "main"),
}
INTO = Path(__file__).parents[1] / "src/isocortex/study/benchmarks/images92.csv"


def known() -> pd.DataFrame:
    """Each network with its weights, and those of two with random weights."""
    found = []
    for name, (folder, layers) in NETWORKS.items():
        weights = ic.datasets.local_weights(folder)
        network = ic.load_network(name, weights=weights)
        found.append(rows(network, layers, f"weights {folder}"))
    for name in ("squeezenet1_1", "alexnet"):
        network = ic.load_network(name, weights=None, seed=0, name=f"{name}, untrained")
        found.append(rows(network, NETWORKS[name][1], "random weights, seed 0"))
    return pd.concat(found, ignore_index=True)


def rows(network: ic.Network, layers: str | list[str], weights: str) -> pd.DataFrame:
    """The rows of one network alone."""
    table = ic.score(network, "images92", layers=layers)
    own = table[table["computed"] == "now"]
    return own.assign(computed=f"by isocortex {ic.__version__}, {weights}")


if __name__ == "__main__":
    table = known()
    table.to_csv(INTO, index=False, float_format="%.4f", lineterminator="\n")
    print(table.to_string())
