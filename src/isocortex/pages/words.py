"""The methods of a study in words, as a paper would have them, with what to cite."""

from collections.abc import Mapping

from isocortex.citations.methods import ALWAYS, METHODS
from isocortex.citations.paper import Paper
from isocortex.citations.papers import PAPERS
from isocortex.study.result import StudyResult
from isocortex.study.settings import RSA, Mapped, Method, Similarity

COMPARISONS: Mapping[str, str] = {
    "pearson": "Pearson's correlation",
    "spearman": "Spearman's rank correlation",
    "kendall": "Kendall's rank correlation",
    "rho_a": "Spearman's rho-a, which takes the mean over all orders of ties",
    "cosine": "the cosine",
    "whitened_cosine": "the whitened cosine",
    "whitened_correlation": "the whitened correlation",
}
DISSIMILARITIES: Mapping[str, str] = {
    "correlation": "1 - Pearson's correlation",
    "cosine": "1 - cosine",
    "euclidean": "the Euclidean distance",
    "squared_euclidean": "the squared Euclidean distance",
}
INDICES = {
    "cka": "linear centred kernel alignment",
    "cka_unbiased": "unbiased linear centred kernel alignment",
    "procrustes": "the Procrustes similarity",
}
MODELS = {
    "ridge": "ridge regression, its penalty chosen for each target by inner cross-validation from "
    "{penalties}",
    "ols": "least squares",
    "pcr": "regression on {components} principal components",
    "pls": "partial least squares with {components} components",
}
INFERRED = ("schuett2023",)
NAMES = {"pearson": "Pearson's correlation", "spearman": "Spearman's correlation", "r2": "R²"}


def in_words(method: Method) -> str:
    """A method as a sentence or two."""
    if isinstance(method, RSA):
        return _rsa(method)
    if isinstance(method, Similarity):
        return f"Layers and recordings were compared by {INDICES[method.index]}."
    return _mapped(method)


def _rsa(method: RSA) -> str:
    chance = (
        f" p-values are of {method.permutations} relabellings of the stimuli of the layer."
        if method.permutations
        else ""
    )
    return (
        "Representational similarity analysis: the dissimilarity of two stimuli in a layer (and "
        "in a recording that came as patterns) is "
        f"{DISSIMILARITIES[method.dissimilarity]}; dissimilarity matrices were compared by "
        f"{COMPARISONS[method.comparison]}.{chance} The noise ceiling is that of Nili et al. "
        "(2014): each person's matrix against the mean of the others (lower) and of all (upper)."
    )


def _mapped(method: Mapped) -> str:
    penalties = ", ".join(f"{each:g}" for each in method.penalties)
    model = MODELS[method.model].format(penalties=penalties, components=method.components)
    what = (
        "Voxels were predicted from layers"
        if method.kind == "encoding"  # pyright: ignore[reportAttributeAccessIssue]
        else "Units of layers were predicted from voxels"
    )
    order = "shuffled" if method.shuffle else "neighbouring"
    return (
        f"{what} by {model}, in {method.folds} folds of {order} stimuli. The score is the "
        f"{method.summary} over units of {NAMES[method.accuracy]} between what was measured and "
        "what was predicted, over all held-out stimuli together."
    )


def references(result: StudyResult, inferred: bool, hierarchy: bool) -> list[Paper]:
    """What to cite for the methods of a study, and for what the page adds, each paper once."""
    keys: list[str] = []
    for method in result.study.settings.method:
        keys += _keys(method)
    keys += [
        *(INFERRED if inferred else ()),
        *(METHODS["analysis"]["hierarchy"] if hierarchy else ()),
    ]
    return [PAPERS[key] for key in dict.fromkeys(keys)]


def _keys(method: Method) -> tuple[str, ...]:
    if isinstance(method, RSA):
        own = METHODS["comparison"][method.comparison]
        return (*ALWAYS["comparison"], "nili2014", *own)
    if isinstance(method, Similarity):
        return METHODS["similarity"][method.index]
    return ALWAYS["accuracy"]


def in_short(method: Method) -> str:
    """What a score is, for axes."""
    if isinstance(method, RSA):
        return {"spearman": "Spearman's ρ", "pearson": "Pearson's r", "kendall": "Kendall's τ"}.get(
            method.comparison, method.comparison.replace("_", " ")
        )
    if isinstance(method, Similarity):
        return {"cka": "CKA", "cka_unbiased": "unbiased CKA"}.get(method.index, method.index)
    return f"{method.summary} {NAMES[method.accuracy]}"


def of_a_unit(method: Method) -> str:
    """What the score of one voxel or unit is."""
    return NAMES[method.accuracy] if isinstance(method, Mapped) else in_short(method)
