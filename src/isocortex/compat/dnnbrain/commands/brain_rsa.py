"""``brain_rsa``: RDMs of regions."""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.compat.dnnbrain.commands._args import run
from isocortex.compat.dnnbrain.commands._dissimilar import categories, pairs
from isocortex.compat.dnnbrain.commands._image import read_image
from isocortex.compat.dnnbrain.commands.dnn_rsa import metric_flags
from isocortex.errors import InputError
from isocortex.formats.dnnbrain.rdm import format_rdm_h5


def main(argv: Sequence[str] | None = None) -> int:
    """RDMs: ``brain_rsa -nif beta.nii.gz -bmask mask.nii.gz -metric correlation -out b.rdm.h5``."""
    return run("brain_rsa", "Dissimilarity matrices of regions.", _flags, _work, argv)


def _flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-nif", required=True, metavar="IMAGE", help="a volume for each stimulus")
    parser.add_argument("-bmask", required=True, metavar="MASK", help="whole numbers: regions")
    parser.add_argument("-roi", nargs="+", type=int, metavar="LABEL", help="default all")
    metric_flags(parser)
    parser.add_argument("-out", required=True, metavar="OUT", help="an .rdm.h5 file")


def _work(args: Any) -> None:
    recording = read_image(args.nif, args.bmask)
    own = recording.units["mask"].to_numpy()
    there = np.unique(own).tolist()
    wanted = there if args.roi is None else args.roi
    unknown = [label for label in wanted if label not in there]
    if unknown:
        raise InputError(f"-roi {unknown[0]} is not in the mask; it has {listed(there, 30)}.")
    labels = categories(args.cate, recording.n_stimuli)
    found = {
        str(label): pairs(recording.units_where(own == label), args.metric, args.zscore, labels)
        for label in wanted
    }
    format_rdm_h5("bRDM", found, args.out)
