"""``brain_roi``: one number for each region and volume."""

import argparse
from collections.abc import Sequence
from typing import Any

from isocortex.compat.dnnbrain.commands._args import run
from isocortex.compat.dnnbrain.commands._image import read_image
from isocortex.formats.dnnbrain.roi import write_roi_h5
from isocortex.transform.regions import STATISTICS, regions


def main(argv: Sequence[str] | None = None) -> int:
    """Regions: ``brain_roi -nif beta.nii.gz -mask mask.nii.gz -method mean -out b.roi.h5``."""
    return run("brain_roi", "Summarize the voxels of each region.", _flags, _work, argv)


def _flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-nif", required=True, metavar="IMAGE", help="a volume for each stimulus")
    parser.add_argument("-mask", required=True, metavar="MASK", help="whole numbers: regions")
    parser.add_argument("-method", default="mean", choices=list(STATISTICS))
    parser.add_argument("-out", required=True, metavar="OUT", help="a .roi.h5 file")


def _work(args: Any) -> None:
    write_roi_h5(regions(read_image(args.nif, args.mask), args.method), args.out)
