"""``dnn_fe``: fewer features of activations."""

import argparse
from collections.abc import Sequence
from typing import Any

from isocortex.compat.dnnbrain.commands._args import chosen_layers, number, run, selection
from isocortex.compat.dnnbrain.dnn.features import AXES
from isocortex.formats.dnnbrain.act import write_act_h5
from isocortex.transform.reduce import reduce


def main(argv: Sequence[str] | None = None) -> int:
    """Extract features: ``dnn_fe -act a.act.h5 -meth pca 100 -out b.act.h5``."""
    return run("dnn_fe", "Describe activations by fewer features.", _flags, _work, argv)


def _flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-act", required=True, metavar="ACT", help="an .act.h5 file")
    selection(parser)
    parser.add_argument(
        "-meth", required=True, nargs=2, metavar=("METHOD", "N"),
        help="pca, hist, psd or srp, and how many (of pca also a share of variance)",
    )  # fmt: skip
    parser.add_argument("-axis", choices=list(AXES), help="default: of the whole layer")
    parser.add_argument("-out", required=True, metavar="OUT", help="an .act.h5 file")


def _work(args: Any) -> None:
    method, n = args.meth[0], number(args.meth[1])
    axis = None if args.axis is None else AXES[args.axis]
    layers = chosen_layers(args)
    reduced = {name: reduce(layer, method, n, axis=axis) for name, layer in layers.items()}
    write_act_h5(reduced, args.out)
