"""``dnn_probe``: labels or behaviour from layers."""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

from isocortex.compat.dnnbrain.commands._args import chosen_layers, run, selection
from isocortex.compat.dnnbrain.commands._results import (
    MODELS,
    activation,
    check_model,
    save_layers,
)
from isocortex.compat.dnnbrain.dnn.iterate import ITERATIONS
from isocortex.compat.dnnbrain.dnn.probe import DnnProbe
from isocortex.compat.dnnbrain.dnn.stimulus import Stimulus


def main(argv: Sequence[str] | None = None) -> int:
    """Probe: ``dnn_probe -anal mv -act a.act.h5 -stim s.stim.csv -beh label -model lrc -out d``."""
    return run("dnn_probe", "Read labels or behaviour out of layers.", _flags, _work, argv)


def _flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-anal", required=True, choices=("uv", "mv"))
    parser.add_argument("-act", required=True, metavar="ACT", help="an .act.h5 file")
    selection(parser)
    parser.add_argument("-iteraxis", choices=list(ITERATIONS))
    parser.add_argument("-stim", required=True, metavar="STIM", help="a .stim.csv file")
    parser.add_argument("-beh", required=True, nargs="+", metavar="ITEM", help="its columns")
    model_flags(parser, MODELS)
    parser.add_argument("-out", required=True, metavar="OUT", help="a folder")


def model_flags(parser: argparse.ArgumentParser, models: Sequence[str]) -> None:
    """``-model``, ``-scoring`` and ``-cv``."""
    parser.add_argument("-model", required=True, choices=models)
    parser.add_argument("-scoring", metavar="SCORING", help="correlation, r2, explained_variance")
    parser.add_argument("-cv", type=int, default=3, metavar="N", help="folds; default 3")


def _work(args: Any) -> None:
    check_model(args.anal, args.model)
    stimuli = Stimulus()
    stimuli.load(args.stim)
    behaviour = np.stack([stimuli.get(item) for item in args.beh], axis=1)
    activ = activation(chosen_layers(args))
    probe = DnnProbe(activ, args.anal, args.model, args.cv, args.scoring)
    save_layers(probe.probe(behaviour, args.iteraxis), args.out, args.iteraxis)
