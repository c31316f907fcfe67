"""The command ``probe``."""

from collections import Counter
from pathlib import Path
from typing import Any, Literal

from isocortex.cli._answer import answers
from isocortex.cli._mapping import Tested

_PLAIN = Tested()
Models = Literal["logistic", "lda", "svm", "ridge"]


@answers
def probe(
    features: Path,
    labels: str,
    /,
    *,
    column: str | None = None,
    layers: list[str] | None = None,
    stimuli: Path | None = None,
    model: Models = "logistic",
    tested: Tested = _PLAIN,
    accuracy: str | None = None,
    into: Path | None = None,
    figure: Path | None = None,
) -> None:
    """Tell how well labels can be read out of layers, or of a recording, on held-out stimuli.

    Example: stimuli.csv, which was extracted, has a column `category`.

        isocortex probe alexnet.zarr category --folds 5 --figure layers.png

    Example: labels from another file, with a column `stimulus` and one of labels.

        isocortex probe voxels.npz labels.csv --model lda --into scores.csv

    Parameters
    ----------
    features
        A store that `isocortex extract` has written, or responses or trials of a recording: a
        table (.csv) with a column `stimulus` of names and a column of numbers for each unit;
        .npz or .mat with one matrix (a row for each stimulus) and one list of names; what
        `ic.save(responses, "voxels.npz")` has written in Python; .npy with --stimuli.
    labels
        A CSV file with the columns `stimulus` and labels, or a column of what was extracted.
    column
        Which column of the file, where it has several.
    layers
        Only these layers of the store.
    stimuli
        Of a bare matrix: a text file with the name of the stimulus of each row, one a line.
    model
        logistic, lda (shrunken) or svm (linear) for classes, of standardized features; ridge for
        numbers.
    accuracy
        accuracy, balanced_accuracy or roc_auc of classes; pearson, spearman or r2 of numbers.
    into
        All scores: a table, .csv or .parquet, or for `isocortex.read`, .npz.
    figure
        A picture of the accuracy of each layer, such as layers.png.
    """
    import isocortex as ic
    from isocortex.cli._endings import SCORES, check_endings
    from isocortex.cli._labels import labels_of
    from isocortex.cli._mapping import folds_of, leave, permutation_of, show_means
    from isocortex.cli._nouns import layers_at
    from isocortex.cli._show import progress

    check_endings(into, SCORES, figure=figure)
    nouns = layers_at(features, layers, stimuli)
    named = labels_of(labels, column, nouns)
    with progress() as listener:
        scores = ic.probe(
            nouns,
            named,
            _model(model),
            folds=folds_of(tested, stratified=model != "ridge"),
            accuracy=accuracy,
            permutations=permutation_of(tested),
            progress=listener,
        )
    show_means(scores)
    leave(scores, into, figure, _chance(scores.metric, [*named.values()]))


def _model(name: str) -> Any:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    from isocortex.cli._mapping import Linear, as_numbers

    if name == "ridge":
        return as_numbers(Linear())
    kinds = {
        "logistic": lambda: LogisticRegression(max_iter=1000),
        "lda": lambda: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
        "svm": lambda: SVC(kernel="linear"),
    }
    return make_pipeline(StandardScaler(), kinds[name]())


def _chance(metric: str, labels: list[Any]) -> float | None:
    """What an answer gets that looks at no feature; None for scores of numbers."""
    counts = list(Counter(labels).values())
    guessed = {
        "accuracy": max(counts) / sum(counts),  # always the most frequent class
        "balanced_accuracy": 1 / len(counts),
        "roc_auc": 0.5,
    }
    return guessed.get(metric)
