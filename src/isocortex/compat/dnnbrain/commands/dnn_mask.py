"""``dnn_mask``: a part of activations."""

import argparse
from collections.abc import Sequence
from typing import Any

from isocortex.compat.dnnbrain.commands._args import chosen_layers, run, selection
from isocortex.formats.dnnbrain.act import write_act_h5


def main(argv: Sequence[str] | None = None) -> int:
    """Select: ``dnn_mask -act a.act.h5 -layer conv5 -chn 1 2 3 -out b.act.h5``."""
    return run("dnn_mask", "Keep some layers, channels and positions.", _flags, _work, argv)


def _flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-act", required=True, metavar="ACT", help="an .act.h5 file")
    selection(parser)
    parser.add_argument("-out", required=True, metavar="OUT", help="an .act.h5 file")


def _work(args: Any) -> None:
    write_act_h5(chosen_layers(args), args.out)
