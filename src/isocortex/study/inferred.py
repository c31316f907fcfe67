"""Networks of a study tested by ``infer``: for other people, other stimuli, and one another."""

import json
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from isocortex.data.rdms import RDMs
from isocortex.errors import IsocortexError
from isocortex.inference.infer import infer
from isocortex.numerics.inference.products import METRICS
from isocortex.reading import reading
from isocortex.rsa.rdms import rdms
from isocortex.store.atomic import whole
from isocortex.store.grams import gram
from isocortex.store.store import Store
from isocortex.study.keys import key_of
from isocortex.study.methods import brain_rdm
from isocortex.study.plan import StudyPlan
from isocortex.study.recordings import Recorded
from isocortex.study.settings import RSA
from isocortex.study.tasks import Layer, settings_key

FOLDER = "inferred"
SAMPLES = 1000
FEWEST = 5
"""People; of fewer, conclusions are for other stimuli and these people."""
MOST_STIMULI = 200
MOST_NETWORKS = 40


@dataclass(frozen=True)
class Inferred:
    """What ``infer`` says of one layer of each network in one region."""

    over: tuple[str, ...] = ()
    n: Mapping[str, int] | None = None
    """How many people and stimuli."""
    networks: Sequence[Mapping[str, Any]] = ()
    """network, score, low, high (95 %), p (above 0)."""
    pairs: Sequence[Mapping[str, Any]] = ()
    """first, second, difference, low, high, p, p_corrected (family-wise, over the pairs)."""
    lacking: str = ""
    """Why there is nothing."""


def inferred(
    plan: StudyPlan, method: Any, place: tuple[str, str], layers: Mapping[str, str]
) -> Inferred:
    """Test one layer of each network on the RDMs of a recording and region.

    Parameters
    ----------
    plan : StudyPlan
    method : settings of a method
        RSA; of others there is no RDM to test.
    place : (recording, region)
    layers : mapping from network to layer
    """
    lacking = _lacking(plan, method, layers)
    if lacking:
        return Inferred(lacking=lacking)
    people = recorded_in(plan, method, place)
    held = _layers(plan, layers)
    settings = settings_key(method, plan.study.settings.study.seed)
    key = key_of(
        "infer", settings, list(layers), [each.key for each in held], _keys(people), SAMPLES
    )
    path = plan.study.results / FOLDER / f"{key}.json"
    known = _known(path)
    if known is not None:
        return known
    try:
        found = _inferred(plan, method, people, dict(zip(layers, held, strict=True)))
    except IsocortexError as error:
        return Inferred(lacking=str(error))
    with suppress(IsocortexError), whole(path) as draft:
        draft.write_text(json.dumps(asdict(found)), encoding="utf-8")
    return found


def recorded_in(plan: StudyPlan, method: Any, place: tuple[str, str]) -> list[Recorded]:
    """The recordings of all people in a region, as a method of the study takes them."""
    batches = (each for each in plan.batches if each.method == method)
    first = next((each for each in batches if each.tasks[0].layer is not None), None)
    return [
        task.recorded[0]
        for task in (first.tasks if first else ())
        if (task.recorded[0].recording, task.recorded[0].region) == place
    ]


def _lacking(plan: StudyPlan, method: Any, layers: Mapping[str, str]) -> str:
    if not isinstance(method, RSA):
        return "it is of dissimilarity matrices, which this method has none of"
    if method.comparison not in METRICS:
        return f"it has no samples of {method.comparison}"
    if len(layers) > MOST_NETWORKS or len(plan.stimuli) > MOST_STIMULI:
        return f"it is made for at most {MOST_NETWORKS} networks and {MOST_STIMULI} stimuli here"
    return ""


def _layers(plan: StudyPlan, layers: Mapping[str, str]) -> list[Layer]:
    known = {(each.network, each.layer): each for one in plan.extractions for each in one.layers}
    return [known[place] for place in layers.items()]


def _keys(people: Sequence[Recorded]) -> list[list[str]]:
    return [[each.subject, each.key] for each in people]


def _inferred(
    plan: StudyPlan, method: RSA, people: Sequence[Recorded], layers: Mapping[str, Layer]
) -> Inferred:
    results = plan.study.results
    models: dict[str, Any] = {
        network: rdms(gram(Store(results / each.store)[each.layer]), method.dissimilarity)
        for network, each in layers.items()
    }
    nouns: list[Any] = [each.load() for each in people]
    brains = [brain_rdm(method, each) for each in nouns]
    stacked = RDMs.concat(
        [
            RDMs(one.values, one.stimuli, {"subject": [each.subject]}, one.dissimilarity, one.gaps)
            for one, each in zip(brains, people, strict=True)
        ]
    )
    over = ("subject", "stimulus") if len(people) >= FEWEST else ("stimulus",)
    seed = plan.study.settings.study.seed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = infer(models, stacked, method.comparison, over=over, n=SAMPLES, seed=seed)
    table = found.table().rename(columns={"model": "network"})
    pairs = found.pairs("max") if len(models) > 1 else pd.DataFrame()
    return Inferred(
        over,
        {"subject": len(people), "stimulus": stacked.n_stimuli},
        _rows(table[["network", "score", "low", "high", "p"]]),
        _rows(pairs),
    )


def _rows(table: Any) -> list[dict[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]


def _known(path: Path) -> Inferred | None:
    if not path.is_file():
        return None
    with reading(path, "a JSON file", alone=True):
        held = json.loads(path.read_text(encoding="utf-8"))
    return Inferred(**{**held, "over": tuple(held["over"])})
