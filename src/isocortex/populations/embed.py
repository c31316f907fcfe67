"""Populations in a plane: responses to each stimulus in two (or a few) dimensions."""

from collections.abc import Callable, Mapping

import numpy as np

from isocortex.choice import choose, counted, named
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.errors import InputError, MissingDependencyError
from isocortex.numerics.arrays.reduction import pca

Embedding = Callable[[np.ndarray, int, int], np.ndarray]


def pca_tsne(x: np.ndarray, n_dimensions: int, seed: int) -> np.ndarray:
    """Twenty principal components, then t-SNE, which keeps neighbours together."""
    from sklearn.manifold import TSNE

    few = pca(x, min(20, *x.shape), seed)
    perplexity = min(30.0, (len(x) - 1) / 3)
    return TSNE(n_components=n_dimensions, random_state=seed, perplexity=perplexity).fit_transform(
        few
    )


def mds(x: np.ndarray, n_dimensions: int, seed: int) -> np.ndarray:
    """Metric scaling: distances in the plane near to Euclidean distances (SMACOF).

    It starts from the principal components, which are the classical solution, so that the
    result does not hang on luck.
    """
    from scipy.spatial.distance import pdist, squareform
    from sklearn.manifold import smacof

    start = pca(x, n_dimensions, seed)
    solved = smacof(
        squareform(pdist(x)),
        n_components=n_dimensions,
        init=start,
        n_init=1,
        random_state=seed,
    )
    return np.asarray(solved[0])


def pca_umap(x: np.ndarray, n_dimensions: int, seed: int) -> np.ndarray:
    """Fifty principal components at most, then UMAP."""
    umap = _umap()
    few = pca(x, min(50, *x.shape), seed)
    neighbours = min(15, len(x) - 1)
    # With a seed UMAP runs in one thread; to say so here spares its warning.
    model = umap.UMAP(
        n_components=n_dimensions, n_neighbors=neighbours, random_state=seed, n_jobs=1
    )
    return model.fit_transform(few)


EMBEDDINGS: Mapping[str, Embedding] = {
    "pca_tsne": pca_tsne,
    "pca": pca,
    "mds": mds,
    "umap": pca_umap,
}


@door
def embed(
    responses: Responses,
    method: "str | Embedding" = "pca_tsne",
    *,
    n_dimensions: int = 2,
    seed: int = 0,
) -> Responses:
    """Each stimulus as a point in few dimensions, by the population's responses.

    Parameters
    ----------
    responses : Responses, shape (n_stimuli, n_units)
        Of one layer or region, or what was simulated; at least four stimuli.
    method : str or callable, default="pca_tsne"
        ``"pca_tsne"`` (20 principal components, then t-SNE), ``"pca"``, ``"mds"`` (metric
        scaling of Euclidean distances), ``"umap"``; or a function of the matrix, the number of
        dimensions and the seed.
    n_dimensions : int, default=2
        From 1 to the number of units, or of stimuli less 1 where that is fewer.
    seed : int, default=0
        Of methods that draw (t-SNE, MDS, UMAP); ``"pca"`` draws nothing.

    Returns
    -------
    Responses, shape (n_stimuli, n_dimensions)
        The units have the column ``dimension``; labels gain ``embedding`` and ``seed``.

    Raises
    ------
    InputError
        If the method is unknown, or there are too few stimuli or units.
    MissingDependencyError
        If ``"umap"`` is asked for without umap-learn.

    See Also
    --------
    plots.embedding : Draws the points.
    plots.mds : Of RDMs.
    reduce : Fewer numbers for each stimulus, for further work.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> gratings = ic.gratings(np.arange(-90, 90, 10))
    >>> population = ic.simulate_responses(gratings, n_units=400, noise=0.0)
    >>> points = ic.embed(population, "pca").numpy()
    >>> points.shape
    (18, 2)
    >>> radius = np.hypot(points[:, 0], points[:, 1])  # orientations lie on a ring
    >>> bool(radius.min() > 0.5 * radius.max())
    True
    """
    place = choose(method, EMBEDDINGS, "method")
    most = min(responses.n_stimuli - 1, responses.n_units)
    if not 1 <= n_dimensions <= most:
        raise InputError(
            f"embed: {n_dimensions} dimensions are not possible with {responses.n_stimuli} "
            f"stimuli and {counted(responses.n_units, 'unit')}; 1 to {most} are."
        )
    if responses.n_stimuli < 4:
        raise InputError(f"embed needs at least 4 stimuli, not {responses.n_stimuli}.")
    points = place(responses.numpy(), n_dimensions, seed)
    name = named(method)
    return Responses(
        points,
        responses.stimuli,
        units={"dimension": range(1, n_dimensions + 1)},
        labels={**responses.labels, "embedding": name, "seed": seed},
    )


def _umap():
    try:
        import umap
    except ImportError:
        raise MissingDependencyError(
            "embed(..., 'umap') needs the package umap-learn: pip install 'isocortex[umap]'."
        ) from None
    return umap
