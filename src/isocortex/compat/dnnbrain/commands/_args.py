"""Flags that several commands share, and how a command ends."""

import argparse
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from isocortex.choice import listed, suggestion
from isocortex.compat.dnnbrain.dnn.extraction import selected
from isocortex.compat.dnnbrain.dnn.mask import Mask
from isocortex.compat.dnnbrain.utils.util import gen_dmask
from isocortex.data.responses import Responses
from isocortex.data.units import unit_table
from isocortex.errors import InputError, IsocortexError
from isocortex.formats.dnnbrain.act import read_act_h5
from isocortex.formats.dnnbrain.dmask import UnitMask

POOLINGS = ("max", "mean", "median", "L1", "L2")
Add = Callable[[argparse.ArgumentParser], None]


def run(
    name: str, does: str, flags: Add, work: Callable[[Any], None], argv: Sequence[str] | None
) -> int:
    """Parse, work, and say in a sentence what went wrong; 0 if nothing did."""
    parser = argparse.ArgumentParser(prog=name, description=does, allow_abbrev=False)
    flags(parser)
    args = parser.parse_args(argv)

    def tell(message: object, *_: object) -> None:
        print(f"{name}: {message}", file=sys.stderr)

    try:
        with warnings.catch_warnings():
            warnings.showwarning = tell  # put back when the context ends
            work(args)
    except IsocortexError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    return 0


def selection(parser: argparse.ArgumentParser) -> None:
    """``-layer``, ``-chn`` and ``-dmask``."""
    parser.add_argument("-layer", nargs="+", metavar="LAYER", help="names of layers; default all")
    parser.add_argument(
        "-chn", nargs="+", type=int, metavar="CHANNEL",
        help="numbers of channels, from 1; with several layers, one for each",
    )  # fmt: skip
    parser.add_argument("-dmask", metavar="DMASK", help="a .dmask.csv file, instead of -layer")


def chosen_mask(args: Any, there: Callable[[], Sequence[str]]) -> Mask:
    """The mask that ``-layer``, ``-chn`` and ``-dmask`` mean; all layers without them."""
    if args.layer is None and args.dmask is None:
        if args.chn is not None:
            raise InputError("-chn needs -layer: the layers that the channels belong to.")
        return gen_dmask(list(there()))
    channels = "all" if args.chn is None else args.chn
    return gen_dmask(args.layer, channels, args.dmask)


def chosen_layers(args: Any) -> dict[str, Responses]:
    """The part of ``-act`` that is meant; as it is on disk where all of a layer is."""
    found = read_act_h5(args.act)
    mask = chosen_mask(args, lambda: list(found))
    chosen = {}
    for layer in mask.layers:
        if layer not in found:
            raise InputError(
                f"{args.act!r} has no layer {layer!r}. {suggestion(layer, found)}"
                f"It has: {listed(found, 30)}."
            )
        part = mask.units(layer)
        chosen[layer] = found[layer] if part == UnitMask() else _part(found[layer], part)
    return chosen


def _part(layer: Responses, mask: UnitMask) -> Responses:
    array = selected(layer, mask, None)
    units = unit_table(array.shape[1:])
    return Responses(array.reshape(len(array), -1), layer.stimuli, units, layer.labels)


def number(text: str) -> int | float:
    """A whole number, or else a fraction."""
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def folder_of(path: Any) -> Path:
    """The folder of a file, made where it is missing."""
    folder = Path(path).absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder
