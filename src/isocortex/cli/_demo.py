"""The story that both demos tell: RDMs of layers, RDMs of brains, scores, an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import isocortex as ic
from isocortex.cli._figures import draw_side_by_side, draw_to_file
from isocortex.cli._show import show_written
from isocortex.cli._verdict import best_layers, ceilings, show_scores, with_ceilings, write_table
from isocortex.errors import IsocortexError

COMPARISON = "spearman"


class WrongAnswerError(IsocortexError):
    """The demo did not find what is known to be there."""


@dataclass(frozen=True)
class Case:
    """What a demo compares, and what is known of the answer."""

    into: Path
    """The folder for all that is left."""
    models: ic.RDMs
    """One for each layer, with the labels network and layer."""
    brain: ic.RDMs
    """One for each subject and region, with the labels region and subject."""
    pictured: ic.RDMs
    """The RDMs for the figure."""
    groups: Sequence[object]
    """The group of each stimulus, for that figure."""
    network: str
    """The network of which the answer is known."""
    early: str
    """The region that must be most like an earlier layer …"""
    late: str
    """… than this one."""
    halves: bool
    """Whether they must also lie in the first and the second half of the layers."""


def run(case: Case) -> None:
    """Compare, print, draw, write, and check the answer.

    Raises
    ------
    WrongAnswerError
        If the known answer is not found.
    """
    case.into.mkdir(parents=True, exist_ok=True)
    bounds = ceilings(case.brain, COMPARISON)
    scores = ic.compare(case.models, case.brain, COMPARISON)
    networks = list(dict.fromkeys(case.models.labels["network"]))
    parts = [scores.select(network=name) for name in networks]
    for name, part in zip(networks, parts, strict=True):
        print(f"\n{name}: {COMPARISON} correlation of each layer's RDM with each brain's")
        show_scores(part, bounds)
    show_written(
        table=write_table(with_ceilings(scores, bounds), case.into / "scores.csv"),
        model_RDMs=ic.write_rdms(case.models, case.into / "rdms.npz"),
        brain_RDMs=ic.write_rdms(case.brain, case.into / "brain.npz"),
        RDM_figure=draw_to_file(
            case.into / "rdms.png", ic.plots.rdm, case.pictured, groups=case.groups, columns=5
        ),
        layer_figure=draw_side_by_side(
            case.into / "layers.png", ic.plots.layers, parts, networks, ceiling=bounds
        ),
    )
    _check(case, scores.select(network=case.network))


def ranked(rdms: ic.RDMs, names: Sequence[str]) -> ic.RDMs:
    """Each RDM as percentiles of its dissimilarities, so that one colour scale fits all."""
    from scipy.stats import rankdata

    ranks = rankdata(rdms.values, axis=1) / rdms.values.shape[1] * 100
    return ic.RDMs(ranks, rdms.stimuli, {"of": list(names)}, "percentile of")


def _check(case: Case, scores: ic.Scores) -> None:
    layers = scores.tables["model"]["layer"].tolist()
    best = best_layers(scores)
    places = [layers.index(best[region]) for region in (case.early, case.late)]
    middle = (len(layers) - 1) / 2
    found = places[0] < places[1] and (not case.halves or places[0] < middle < places[1])
    says = (
        f"{case.early} is most like {best[case.early]} (layer {places[0] + 1} of {len(layers)}), "
        f"{case.late} most like {best[case.late]} (layer {places[1] + 1})"
    )
    if not found:
        raise WrongAnswerError(
            f"The known answer was not found in {case.network}: {says}; {case.early} should come "
            "first. Something is wrong with this installation."
        )
    print(f"\nThe known answer is found in {case.network}: {says}.")
