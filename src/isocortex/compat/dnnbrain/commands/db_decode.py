"""``db_decode``: layers from the brain."""

import argparse
from collections.abc import Sequence
from typing import Any

from isocortex.compat.dnnbrain.brain.models import BrainDecoder
from isocortex.compat.dnnbrain.commands._args import chosen_layers, run, selection
from isocortex.compat.dnnbrain.commands._image import read_target
from isocortex.compat.dnnbrain.commands._results import activation, save_layers
from isocortex.compat.dnnbrain.commands.db_encode import response_flags
from isocortex.compat.dnnbrain.commands.dnn_probe import model_flags


def main(argv: Sequence[str] | None = None) -> int:
    """Decode: ``db_decode -anal mv -act a.act.h5 -layer fc3 -resp b.roi.h5 -model glm -out d``."""
    return run("db_decode", "Predict layers from the brain.", _flags, _work, argv)


def _flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-anal", required=True, choices=("uv", "mv"))
    parser.add_argument("-act", required=True, metavar="ACT", help="an .act.h5 file")
    selection(parser)
    response_flags(parser)
    model_flags(parser, ("glm", "lasso"))
    parser.set_defaults(scoring="explained_variance")
    parser.add_argument("-out", required=True, metavar="OUT", help="a folder")


def _work(args: Any) -> None:
    target = read_target(args.resp, args.bmask, args.roi)
    decoder = BrainDecoder(target.values, args.anal, args.model, args.cv, args.scoring)
    save_layers(decoder.decode_dnn(activation(chosen_layers(args))), args.out)
