"""``dnn_act``: what layers do for stimuli."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from isocortex.choice import choose
from isocortex.compat.dnnbrain.commands._args import (
    POOLINGS,
    chosen_mask,
    folder_of,
    run,
    selection,
)
from isocortex.compat.dnnbrain.dnn.models import NETWORKS
from isocortex.compat.dnnbrain.dnn.stimulus import Stimulus
from isocortex.formats.dnnbrain.act import SUFFIX, write_act_h5
from isocortex.formats.dnnbrain.files import checked_path


def main(argv: Sequence[str] | None = None) -> int:
    """Extract: ``dnn_act -net AlexNet -layer conv1_relu -stim s.stim.csv -out a.act.h5``."""
    return run("dnn_act", "Extract what layers of a network do for stimuli.", _flags, _work, argv)


def _flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-net", required=True, metavar="NET", help=", ".join(NETWORKS))
    selection(parser)
    parser.add_argument("-stim", required=True, metavar="STIM", help="a .stim.csv file")
    parser.add_argument("-pool", choices=POOLINGS, help="over the positions of each channel")
    parser.add_argument("-cuda", action="store_true", help="on a GPU")
    parser.add_argument(
        "-weights", metavar="PATH",
        help="a file or folder of weights; 'none' draws random ones (seed 0)",
    )  # fmt: skip
    parser.add_argument("-out", required=True, metavar="OUT", help="an .act.h5 file")


def _work(args: Any) -> None:
    checked_path(args.out, SUFFIX, exists=False)
    stimuli = Stimulus()
    stimuli.load(args.stim)
    make = choose(args.net, NETWORKS, "-net")
    random = str(args.weights).lower() == "none" and args.weights is not None
    network = make(not random, None if random else args.weights)
    mask = chosen_mask(args, lambda: network.layers)
    device, folder = device_of(args.cuda), folder_of(args.out)
    with network.extracted(stimuli, mask, args.pool, device, folder) as layers:
        write_act_h5(layers, args.out)


def device_of(cuda: bool) -> str:
    """``"cuda"`` if it is wished for and there; a sentence on stderr if it is not there."""
    import torch

    if cuda and not torch.cuda.is_available():
        print("dnn_act: -cuda was given, but no GPU is there; using the CPU.", file=sys.stderr)
    return "cuda" if cuda and torch.cuda.is_available() else "cpu"
