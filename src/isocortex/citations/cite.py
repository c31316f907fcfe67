"""The verb ``citation``: what to cite for the package, and for the methods of a result."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan

from isocortex import __version__
from isocortex.choice import counted
from isocortex.citations.methods import ALWAYS, METHODS
from isocortex.citations.paper import Paper
from isocortex.citations.papers import PAPERS
from isocortex.data.estimate import Estimate
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.display.card import Card
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.inference.fitted import FittedRDMs
from isocortex.inference.parted import Partition
from isocortex.inference.result import Inference
from isocortex.rsa.ceiling import Ceiling, CeilingCourse
from isocortex.stats.clusters_found import Clusters

Method = tuple[str, str]
"""A family of ``METHODS``, and a name in it."""

Ceilings = Ceiling | CeilingCourse
Citable = RDMs | Scores | Estimate | Clusters | Ceilings | Inference | FittedRDMs | Partition

PACKAGE = Paper(
    "{the isocortex developers}",
    2026,
    "isocortex: compare deep networks with brains",
    "",
    version=__version__,
)


def _card(noun: "Citation") -> Card:
    facts: dict[str, object] = {key: paper.text for key, paper in noun.papers.items()}
    if noun.unlisted:
        facts["no paper for"] = noun.unlisted
    return Card("Citation", counted(len(noun.papers), "paper"), facts)


@door
@shown(_card)
@dataclass(frozen=True, repr=False)
class Citation:
    """References, as text and as BibTeX; printing it shows both.

    Attributes
    ----------
    papers : dict from str to Paper
        By their BibTeX keys, the package first.
    unlisted : tuple of str
        Methods that were named and have no paper here: textbook methods, and functions of yours.

    See Also
    --------
    citation : Returns it.
    published_hierarchy : Scores with the paper that they are from.

    Examples
    --------
    >>> import isocortex as ic
    >>> found = ic.citation()
    >>> found.keys
    ('isocortex',)
    >>> print(found.bibtex.splitlines()[0])
    @software{isocortex,
    """

    papers: dict[str, Paper]
    unlisted: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The BibTeX keys, as for ``\\cite{}``."""
        return tuple(self.papers)

    @property
    def text(self) -> str:
        """A list of references, one a line."""
        return "\n".join(paper.text for paper in self.papers.values())

    @property
    def bibtex(self) -> str:
        """The same as entries of a BibTeX file."""
        return "\n\n".join(paper.bibtex(key) for key, paper in self.papers.items())

    def __str__(self) -> str:
        parts = [self.text]
        if self.unlisted:
            parts.append(f"No paper is listed for: {', '.join(self.unlisted)}.")
        return "\n\n".join([*parts, self.bibtex])

    def __repr__(self) -> str:
        return str(self)


@door
def citation(*results: Citable) -> Citation:
    """What to cite: the package in its version, and the papers of the methods of results.

    Parameters
    ----------
    *results : RDMs, Scores, Estimate, Clusters, Ceiling, Inference, FittedRDMs, Partition, optional
        Their labels say by which methods they were made: the dissimilarity of RDMs; of Scores
        the comparison, similarity or accuracy, the model, permutations and corrections; how
        an Estimate, an Inference or a Partition was made. A result does not know what it was made
        of: give the RDMs as
        well as the Scores of their comparison.

    Returns
    -------
    Citation
        ``text`` and ``bibtex``; ``unlisted`` names methods that have no paper here.

    Raises
    ------
    InputError
        If something else is given.

    See Also
    --------
    Citation : What it returns.
    rdms, compare, infer, encode, hierarchy : Results that can be given.

    Examples
    --------
    >>> import isocortex as ic
    >>> rdms = ic.RDMs([[0.1, 0.5, 0.9]], ["a", "b", "c"], dissimilarity="crossnobis")
    >>> ic.citation(rdms).keys
    ('isocortex', 'kriegeskorte2008', 'walther2016')
    """
    methods = [method for result in results for method in _methods_of(result)]
    keys: list[str] = []
    unlisted: list[str] = []
    for family, name in methods:
        found = METHODS[family].get(name, ())
        keys.extend((*ALWAYS.get(family, ()), *found))
        if not found:
            unlisted.append(name)
    papers = {key: PAPERS[key] for key in dict.fromkeys(keys)}
    return Citation({"isocortex": PACKAGE, **papers}, tuple(dict.fromkeys(unlisted)))


def _methods_of(result: Citable) -> Sequence[Method]:
    if isinstance(result, RDMs):
        return [method for kind in result.dissimilarity.split(" / ") for method in _kind(kind)]
    if isinstance(result, Scores):
        return [*_analysis(result), *_chance(result)]
    if isinstance(result, Estimate):
        return list(_of_estimate(result))
    if isinstance(result, Clusters):
        statistic = result.notes.get("statistic")
        kinds = [statistic if statistic in ("tfce", "max") else "clusters"]
        kinds += ["covariate"] * ("covariates" in result.notes)
        return [("analysis", kind) for kind in kinds]
    if isinstance(result, Ceilings):
        return [("ceiling", "of RDMs")]
    if isinstance(result, Inference):
        return list(_of_inference(result))
    if isinstance(result, FittedRDMs):
        flexible = ("flexible", type(result.model).__name__)
        scored = ("comparison", str(result.notes["scored"]))
        return [flexible, scored, *_ceiling(result.ceiling)]
    if isinstance(result, Partition):
        return [("partition", str(result.notes["method"]))]
    raise InputError(
        "citation takes RDMs, Scores, Ceiling, Estimate, Clusters, Inference, FittedRDMs and "
        f"Partition, not {type(result).__name__}; without any it gives the reference of isocortex."
    )


def _kind(dissimilarity: str) -> Iterator[Method]:
    """What RDMs say of their kind: a name, or a classifier with its settings and "accuracy"."""
    if dissimilarity.endswith(" accuracy"):
        yield "dissimilarity", "accuracy of classifiers"
    elif dissimilarity:
        yield "dissimilarity", dissimilarity
    if "shrinkage auto" in dissimilarity:
        yield "covariance", "ledoit_wolf"


def _analysis(scores: Scores) -> Iterator[Method]:
    """What was measured, told by the names of axes and by the notes."""
    dims, metric = set(scores.dims), scores.metric
    if "model" in scores.notes:
        yield "accuracy", metric
        yield from (("model", name) for name in _models(str(scores.notes["model"])))
    elif metric in METHODS["analysis"]:
        yield "analysis", metric
    elif "n_subjects" in scores.notes:
        yield "analysis", "intersubject"
    elif metric == "reliability":
        yield "reliability", str(scores.notes.get("method"))
    elif dims & {"first", "second"}:
        yield "similarity", metric
    elif dims & {"train", "test"}:
        yield "analysis", "generalization"
    elif dims & {"model", "data"}:
        yield "comparison", metric
    elif metric in METHODS["tuning"]:
        yield "tuning", metric
    if "commonality" in scores.columns:
        yield "comparison", "commonality"


def _models(text: str) -> Iterator[str]:
    """The models in the text of an estimator or pipeline; of a foreign one its own name."""
    names = re.findall(r"\b([A-Z]\w*)\(", text)
    known = [name for name in names if name in METHODS["model"]]
    yield from known or names[-1:]
    if "'gcv'" in text:
        yield "gcv"


def _of_inference(result: Inference) -> Iterator[Method]:
    yield "comparison", result.comparison
    yield from _ceiling(result.ceiling)
    kind = result.method.partition(" of ")[0]
    if kind in METHODS["inference"]:
        yield "inference", kind
    else:
        yield "chance", "relabelled stimuli"
    if "satterthwaite" in result.method:
        yield "inference", "satterthwaite"


def _ceiling(ends: tuple[float, float]) -> Iterator[Method]:
    """One person alone has none."""
    if not isnan(ends[0]):
        yield "ceiling", "of RDMs"


def _chance(scores: Scores) -> Iterator[Method]:
    if "n_permutations" in scores.notes:
        relabelled = bool(set(scores.dims) & {"model", "data"}) and "model" not in scores.notes
        yield "chance", "relabelled stimuli" if relabelled else "permutations"
    if str(scores.notes.get("p")).startswith("sequential"):
        yield "chance", "sequential"
    if "p_fdr" in scores.columns:
        yield "chance", "fdr"
    if "p_max" in scores.columns:
        yield "chance", "largest statistic"


def _of_estimate(estimate: Estimate) -> Iterator[Method]:
    if "statistic " in estimate.method:
        yield "analysis", "hierarchy"
    if "sign flips" in estimate.method:
        yield "chance", "sign flips"
