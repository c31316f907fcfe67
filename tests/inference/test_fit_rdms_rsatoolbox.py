"""Held-out scores against rsatoolbox's cross-validation, on the same folds.

Not for nonnegative weights: its solver does not end on these data.
"""

import numpy as np
import pytest

import isocortex as ic
from isocortex.inference.held_out import Task, on_folds
from isocortex.numerics.inference.draws import fold_numbers
from isocortex.numerics.measures.comparison import COMPARISONS

C, PEOPLE, FOLDS = 24, 6, (3, 2)
NAMES = [f"image {i}" for i in range(C)]

pytest.importorskip("rsatoolbox")


@pytest.fixture
def made(rng):
    x = rng.normal(size=(4, C, 5))
    i, j = np.triu_indices(C, 1)
    parts = ((x[:, i] - x[:, j]) ** 2).sum(2)
    people = 2 * parts[0] + parts[2] + 6 * rng.random((PEOPLE, len(i)))
    return ic.RDMs(parts, NAMES, {"part": range(4)}), ic.RDMs(
        people, NAMES, {"subject": range(PEOPLE)}
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("kind", "metric", "theirs"),
    [
        ("weighted", "pearson", "corr"),
        ("weighted", "cosine", "cosine"),
        ("weighted", "whitened_correlation", "corr_cov"),
        ("weighted", "whitened_cosine", "cosine_cov"),
        ("selected", "pearson", "corr"),
        pytest.param("interpolated", "pearson", "corr", marks=pytest.mark.slow),
    ],
)
def test_scores_of_folds_are_those_of_rsatoolbox(made, kind, metric, theirs):
    import rsatoolbox
    from rsatoolbox.inference import crossval
    from rsatoolbox.model import fitter

    parts, brain = made
    known = {
        "weighted": (ic.Weighted(parts, nonnegative=False), "ModelWeighted", fitter.fit_regress),
        "selected": (ic.Selected(parts), "ModelSelect", fitter.fit_select),
        "interpolated": (ic.Interpolated(parts), "ModelInterpolate", fitter.fit_interpolate),
    }
    ours, name, fit = known[kind]
    task = Task(ours, parts, brain, COMPARISONS[metric], np.arange(PEOPLE))
    found = on_folds(task, FOLDS, np.random.default_rng(4)).scores

    lots = np.random.default_rng(4)
    of_stimuli = fold_numbers(np.ones((1, C)), FOLDS[0], lots)[0]
    of_people = fold_numbers(np.ones((1, PEOPLE)), FOLDS[1], lots)[0]
    data = rsatoolbox.rdm.RDMs(
        brain.values,
        rdm_descriptors={"who": list(range(PEOPLE))},
        pattern_descriptors={"image": list(range(C))},
    )

    def part(people, stimuli):
        some = data.subset("who", np.flatnonzero(people).tolist())
        images = np.flatnonzero(stimuli).tolist()
        return some.subset_pattern("image", images), images

    folds = [(i, j) for j in range(FOLDS[1]) for i in range(FOLDS[0])]
    train = [part(of_people != j, of_stimuli != i) for i, j in folds]
    test = [part(of_people == j, of_stimuli == i) for i, j in folds]
    model = getattr(rsatoolbox.model, name)("model", rsatoolbox.rdm.RDMs(parts.values))
    model.rdm_obj.pattern_descriptors["image"] = list(range(C))
    result = crossval(
        [model], data, train, test, method=theirs, fitter=fit, pattern_descriptor="image"
    )
    tolerance = {"interpolated": 1e-4}.get(kind, 1e-6 if "whitened" in metric else 1e-10)
    assert found[0].mean() == pytest.approx(result.evaluations.mean(), abs=tolerance)
