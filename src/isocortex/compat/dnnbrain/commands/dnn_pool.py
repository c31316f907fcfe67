"""``dnn_pool``: one number for each channel."""

import argparse
from collections.abc import Sequence
from typing import Any

from isocortex.compat.dnnbrain.commands._args import POOLINGS, chosen_layers, run, selection
from isocortex.compat.dnnbrain.dnn.extraction import selected
from isocortex.data.responses import Responses
from isocortex.data.units import unit_table
from isocortex.formats.dnnbrain.act import write_act_h5
from isocortex.formats.dnnbrain.dmask import UnitMask


def main(argv: Sequence[str] | None = None) -> int:
    """Pool: ``dnn_pool -act a.act.h5 -meth max -out b.act.h5``."""
    return run("dnn_pool", "Pool over the positions of each channel.", _flags, _work, argv)


def _flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-act", required=True, metavar="ACT", help="an .act.h5 file")
    selection(parser)
    parser.add_argument("-meth", required=True, choices=POOLINGS)
    parser.add_argument("-out", required=True, metavar="OUT", help="an .act.h5 file")


def _work(args: Any) -> None:
    pooled = {}
    for name, layer in chosen_layers(args).items():
        array = selected(layer, UnitMask(), args.meth)
        units = unit_table(array.shape[1:])
        pooled[name] = Responses(array.reshape(len(array), -1), layer.stimuli, units)
    write_act_h5(pooled, args.out)
