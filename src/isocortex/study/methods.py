"""The methods of a study: from one layer and one recording to a number, each a few lines.

To add one: its settings (``study/settings.py``), its function here, and its line in ``METHODS``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.data.gram import Gram
from isocortex.data.rdms import RDMs
from isocortex.data.responses import Responses
from isocortex.errors import InputError, IsocortexError, StorageError
from isocortex.mapping.encode import decode, encode
from isocortex.mapping.folds import Folds
from isocortex.mapping.models.linear import OLS, PCR, PLS
from isocortex.mapping.models.ridge import Ridge
from isocortex.mapping.permutation import Permutation
from isocortex.rsa.ceiling import rdm_ceiling
from isocortex.rsa.compare import compare
from isocortex.rsa.rdms import rdms
from isocortex.rsa.similarity import similarity
from isocortex.study.once import ready_once
from isocortex.study.series import SeriesInTime, on_volumes
from isocortex.study.settings import RSA, Encoding, Mapped, Similarity

Layer = Responses | Gram
Noun = RDMs | Responses


@dataclass(frozen=True)
class Number:
    """What a method says of one layer and one recording."""

    score: float
    p: float | None = None
    n: int = 0
    """Stimuli."""
    unit: str = ""
    """Of the score: Spearman's rho, CKA, mean r."""
    solver: str = ""
    per_unit: np.ndarray | None = None
    """The scores that it is the summary of, shape (n_units,)."""


@dataclass(frozen=True)
class Family:
    """One kind of method, and what it needs."""

    takes: tuple[type, ...]
    """Kinds of recordings."""
    activations: bool
    """Whether the layer's values are needed, and not its Gram alone."""
    numbers: Callable[[Any, Layer, Sequence[Any], int], Iterator[Number | Exception]]
    """From settings, layer, recordings and seed: for each recording its number, or why not."""
    ceiling: Callable[[Any, Sequence[Noun]], tuple[float, float] | None]
    """From settings and the recordings of all subjects in a region: lower and upper."""
    together: int
    """Recordings in a batch, at most: workers share those of a layer batch by batch."""


def _rsa(
    settings: RSA, layer: Layer, recordings: Sequence[Noun], seed: int
) -> Iterator[Number | Exception]:
    models = rdms(layer, settings.dissimilarity)
    brains = [brain_rdm(settings, each) for each in recordings]

    def together(held: Sequence[RDMs]) -> Iterator[Number]:
        return _compared(settings, models, _stacked(held) if len(held) > 1 else held[0], seed)

    yield from _all_or_each(together, brains)


def _all_or_each(
    numbers: Callable[[Sequence[Any]], Iterator[Number]], recordings: Sequence[Any]
) -> Iterator[Number | Exception]:
    """All recordings by one call; where one of them cannot be compared, each by itself."""
    try:
        found: list[Number | Exception] = list(numbers(recordings))
    except IsocortexError:
        if len(recordings) == 1:
            raise
        found = []
        for one in recordings:
            found += _each(lambda one=one: next(numbers([one])))
    yield from found


def _compared(settings: RSA, models: RDMs, brains: RDMs, seed: int) -> Iterator[Number]:
    wanted = Permutation(settings.permutations, seed) if settings.permutations else 0
    scores = compare(models, brains, settings.comparison, permutations=wanted)
    ps = scores.columns["p"][0] if settings.permutations else [None] * brains.n_rdms
    for score, p in zip(scores.values[0], ps, strict=True):
        value = None if p is None else float(p)
        yield Number(float(score), value, models.n_stimuli, settings.comparison)


def _each(work: Callable[[], Number]) -> Iterator[Number | Exception]:
    try:
        yield work()
    except (StorageError, MemoryError):
        raise
    except Exception as error:
        yield error


def brain_rdm(settings: RSA, recording: Noun) -> RDMs:
    """RDMs as they are; of Responses by the method's dissimilarity."""
    return recording if isinstance(recording, RDMs) else rdms(recording, settings.dissimilarity)


def _rdm_ceiling(settings: RSA, recordings: Sequence[Noun]) -> tuple[float, float] | None:
    if len(recordings) < 2:
        return None
    people = [brain_rdm(settings, each) for each in recordings]
    low, high = rdm_ceiling(_stacked(people), settings.comparison)
    return float(low), float(high)


def _stacked(people: Sequence[RDMs]) -> RDMs:
    """The RDM of each person, numbered, over the stimuli of the first."""
    return RDMs.concat(
        [
            RDMs(one.values, one.stimuli, {"subject": [person]}, one.dissimilarity, one.gaps)
            for person, one in enumerate(people)
        ]
    )


def _similarity(
    settings: Similarity, layer: Layer, recordings: Sequence[Any], _seed: int
) -> Iterator[Number | Exception]:
    def together(held: Sequence[Responses]) -> Iterator[Number]:
        scores = similarity(layer, list(held), settings.index)
        for score in scores.values[0]:
            yield Number(float(score), None, layer.n_stimuli, settings.index)

    yield from _all_or_each(together, recordings)


def _model(settings: Mapped) -> Any:
    makes: Mapping[str, Callable[[], Any]] = {
        "ridge": lambda: Ridge(settings.penalties),
        "ols": OLS,
        "pcr": lambda: PCR(settings.components),
        "pls": lambda: PLS(settings.components),
    }
    model = makes[settings.model]()
    if isinstance(settings, Encoding) and settings.standardize:
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        return make_pipeline(StandardScaler(), model)
    return model


def _folds(settings: Mapped, seed: int) -> Any:
    if not settings.shuffle:
        return settings.folds
    from sklearn.model_selection import KFold

    return Folds(KFold(settings.folds, shuffle=True, random_state=seed))


def _mapped(
    verb: Callable[..., Any], settings: Mapped, sides: tuple[Any, Any], model: Any, seed: int
) -> Number:
    return _summary(
        verb(
            *sides,
            model,
            folds=_folds(settings, seed),
            accuracy=settings.accuracy,
            **_further(settings, seed),
        ),
        settings,
        len(sides[0].stimuli),
    )


def _further(settings: Mapped, seed: int) -> dict[str, Any]:
    """Options of encoding alone."""
    if not isinstance(settings, Encoding):
        return {"pooled": True}
    wanted = Permutation(settings.permutations, seed) if settings.permutations else 0
    return {"pooled": settings.pooled, "permutations": wanted}


def _summary(scores: Any, settings: Mapped, n: int) -> Number:
    means = scores.mean("fold") if "fold" in scores.dims else scores
    values = np.asarray(means.values, dtype=float).ravel()
    known = values[~np.isnan(values)]
    if not known.size:
        raise InputError("no unit has a score: all, or their predictions, are constant.")
    summary = {"mean": np.mean, "median": np.median}[settings.summary]
    ps = np.ravel(scores.columns["p"]) if "p" in scores.columns else np.empty(0)
    p = float(ps[0]) if len(ps) == 1 else None
    table = scores.tables[next(iter(scores.tables))]
    solver = str(table["solver"].iloc[0]) if "solver" in table else ""
    unit = f"{settings.summary} {settings.accuracy} of {len(known)} units"
    return Number(float(summary(known)), p, n, unit, solver, values)


def _encoding(
    settings: Encoding, layer: Any, recordings: Sequence[Any], seed: int
) -> Iterator[Number | Exception]:
    """Of series, the layer is brought to volumes once for all that have the same."""
    brought: list[tuple[Any, Any]] = []
    model = _model(settings)
    if hasattr(model, "prepare"):
        model = ready_once(model, layer.n_stimuli, settings.folds)
    for each in recordings:
        if isinstance(each, SeriesInTime):
            yield from _each(lambda each=each: _in_time(settings, layer, each, seed, brought))
        else:
            yield from _each(
                lambda each=each: _mapped(encode, settings, (layer, each), model, seed)
            )


def _in_time(
    settings: Encoding,
    layer: Responses,
    recording: SeriesInTime,
    seed: int,
    brought: list[tuple[Any, Any]],
) -> Number:
    series = recording.responses
    times = series.table.to_dict("list")
    late = next((held for known, held in brought if known == times), None)
    if late is None:
        late = on_volumes(layer, series, settings)
        brought.append((times, late))
    series = series.replace(stimuli=late.stimuli, table=late.table)
    scores: Any = encode(
        late,
        series,
        _model(settings),
        folds=Folds.by_run(series, settings.folds, gap=settings.gap),
        accuracy=settings.accuracy,
        **_further(settings, seed),
    )
    return _summary(scores, settings, len(series.stimuli))


def _decoding(
    settings: Mapped, layer: Layer, recordings: Sequence[Noun], seed: int
) -> Iterator[Number | Exception]:
    model = _model(settings)
    for each in recordings:
        yield from _each(lambda each=each: _mapped(decode, settings, (each, layer), model, seed))


def _unknown(_settings: Any, _recordings: Sequence[Noun]) -> None:
    return None


METHODS: Mapping[str, Family] = {
    "rsa": Family((RDMs, Responses), False, _rsa, _rdm_ceiling, 128),
    "similarity": Family((Responses,), False, _similarity, _unknown, 128),
    "encoding": Family((Responses, SeriesInTime), False, _encoding, _unknown, 16),
    "decoding": Family((Responses,), True, _decoding, _unknown, 16),
}
"""By what stands under ``kind`` in the study file."""
