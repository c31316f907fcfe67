"""``db_corr``: the unit of a layer that goes most with each voxel or region."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from isocortex.compat.dnnbrain.brain.models import BrainEncoder
from isocortex.compat.dnnbrain.commands._args import chosen_layers, run, selection
from isocortex.compat.dnnbrain.commands._image import on_grid, read_target, write_map
from isocortex.compat.dnnbrain.commands._results import activation, save
from isocortex.compat.dnnbrain.commands.db_encode import response_flags
from isocortex.compat.dnnbrain.dnn.iterate import ITERATIONS
from isocortex.store.atomic import whole


def main(argv: Sequence[str] | None = None) -> int:
    """Correlate: ``db_corr -act a.act.h5 -layer conv5 -resp b.nii.gz -bmask m.nii.gz -out d``."""
    return run("db_corr", "Correlate single units with the brain.", _flags, _work, argv)


def _flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-act", required=True, metavar="ACT", help="an .act.h5 file")
    selection(parser)
    parser.add_argument("-iteraxis", choices=list(ITERATIONS))
    response_flags(parser)
    parser.add_argument("-out", required=True, metavar="OUT", help="a folder")


def _work(args: Any) -> None:
    target = read_target(args.resp, args.bmask, args.roi)
    encoder = BrainEncoder(target.values, "uv", "corr")
    found = encoder.encode_dnn(activation(chosen_layers(args)), args.iteraxis)
    for layer, results in found.items():
        folder = Path(args.out) / layer / (args.iteraxis or "")
        score, location = results["score"], results["location"]
        if target.recording is None:
            save(folder / "location.npy", location)
            lines = [",".join(target.regions)]
            lines += [",".join(repr(float(r)) for r in row) for row in score]
            with whole(folder / "score.csv") as draft:
                draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        else:
            save(folder / "location.npy", on_grid(location, target.recording))
            write_map(score, folder, "score", args.resp, target.recording)
