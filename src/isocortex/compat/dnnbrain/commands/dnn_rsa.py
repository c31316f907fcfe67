"""``dnn_rsa``: RDMs of layers."""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

from isocortex.compat.dnnbrain.commands._args import chosen_layers, run, selection
from isocortex.compat.dnnbrain.commands._dissimilar import categories, pairs
from isocortex.compat.dnnbrain.dnn.activation import Activation
from isocortex.compat.dnnbrain.dnn.iterate import ITERATIONS, parts_of
from isocortex.data.units import unit_shape
from isocortex.formats.dnnbrain.rdm import format_rdm_h5


def main(argv: Sequence[str] | None = None) -> int:
    """RDMs: ``dnn_rsa -act a.act.h5 -metric correlation -out a.rdm.h5``."""
    return run("dnn_rsa", "Dissimilarity matrices of layers.", _flags, _work, argv)


def _flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-act", required=True, metavar="ACT", help="an .act.h5 file")
    selection(parser)
    parser.add_argument("-iteraxis", choices=list(ITERATIONS), help="one RDM for each")
    metric_flags(parser)
    parser.add_argument("-out", required=True, metavar="OUT", help="an .rdm.h5 file")


def metric_flags(parser: argparse.ArgumentParser) -> None:
    """``-cate``, ``-metric`` and ``-zscore``."""
    parser.add_argument("-cate", metavar="STIM", help="a .stim.csv file: average its labels")
    parser.add_argument(
        "-metric", default="euclidean", metavar="METRIC",
        help="correlation, cosine, euclidean, or another of scipy's pdist",
    )  # fmt: skip
    parser.add_argument("-zscore", action="store_true", help="each pattern over its units, first")


def _work(args: Any) -> None:
    found = {}
    for name, layer in chosen_layers(args).items():
        labels = categories(args.cate, layer.n_stimuli)
        if args.iteraxis is None:
            parts = [layer]
        else:
            array = layer.numpy().reshape(layer.n_stimuli, *unit_shape(layer))
            parts = parts_of(Activation(name, array), name, args.iteraxis)
        found[name] = np.stack([pairs(p, args.metric, args.zscore, labels) for p in parts])
    format_rdm_h5("dRDM", found, args.out)
