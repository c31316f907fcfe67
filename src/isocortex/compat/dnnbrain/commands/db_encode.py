"""``db_encode``: the brain from layers."""

import argparse
from collections.abc import Sequence
from typing import Any

from isocortex.compat.dnnbrain.brain.models import BrainEncoder
from isocortex.compat.dnnbrain.commands._args import chosen_layers, run, selection
from isocortex.compat.dnnbrain.commands._image import read_target
from isocortex.compat.dnnbrain.commands._results import activation, save_maps
from isocortex.compat.dnnbrain.commands.dnn_probe import model_flags
from isocortex.compat.dnnbrain.dnn.iterate import ITERATIONS


def main(argv: Sequence[str] | None = None) -> int:
    """Encode: ``db_encode -anal mv -act a.act.h5 -resp b.nii.gz -model glm -out d``."""
    return run("db_encode", "Predict the brain from layers.", _flags, _work, argv)


def _flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-anal", required=True, choices=("uv", "mv"))
    parser.add_argument("-act", required=True, metavar="ACT", help="an .act.h5 file")
    selection(parser)
    parser.add_argument("-iteraxis", choices=list(ITERATIONS))
    response_flags(parser)
    model_flags(parser, ("glm", "lasso"))
    parser.set_defaults(scoring="explained_variance")
    parser.add_argument("-out", required=True, metavar="OUT", help="a folder")


def response_flags(parser: argparse.ArgumentParser) -> None:
    """``-resp``, ``-bmask`` and ``-roi``."""
    parser.add_argument("-resp", required=True, metavar="RESP", help="an image or a .roi.h5 file")
    parser.add_argument("-bmask", metavar="MASK", help="the voxels of an image")
    parser.add_argument("-roi", nargs="+", metavar="ROI", help="the regions of a .roi.h5 file")


def _work(args: Any) -> None:
    target = read_target(args.resp, args.bmask, args.roi)
    encoder = BrainEncoder(target.values, args.anal, args.model, args.cv, args.scoring)
    found = encoder.encode_dnn(activation(chosen_layers(args)), args.iteraxis)
    save_maps(found, args.out, args.iteraxis, target, args.resp)
