"""Which papers a method is from: one table for each family of names.

To add a method: its name, with the keys of its papers in ``PAPERS``, or none, if it is in every
textbook. The tests ask for a line for each name that the families themselves know.
"""

from collections.abc import Mapping

Keys = tuple[str, ...]

ALWAYS: Mapping[str, Keys] = {
    "dissimilarity": ("kriegeskorte2008",),
    "comparison": ("kriegeskorte2008",),
    "accuracy": ("naselaris2011",),
}
"""What is cited for any member of a family."""

METHODS: Mapping[str, Mapping[str, Keys]] = {
    "dissimilarity": {
        "correlation": (),
        "pearson": (),
        "cosine": (),
        "euclidean": (),
        "l2": (),
        "squared_euclidean": (),
        "manhattan": (),
        "l1": (),
        "crossnobis": ("walther2016",),
        "mahalanobis": ("walther2016",),
        "crossvalidated_correlation": ("walther2016", "guggenmos2018"),
        "poisson": ("schuett2023",),
        "crossvalidated_poisson": ("schuett2023",),
        "accuracy of classifiers": ("cichy2014", "guggenmos2018"),
    },
    "comparison": {
        "pearson": (),
        "correlation": (),
        "spearman": (),
        "kendall": (),
        "tau_b": (),
        "tau_a": ("nili2014",),
        "rho_a": ("schuett2023",),
        "cosine": (),
        "whitened_cosine": ("diedrichsen2021",),
        "whitened_correlation": ("diedrichsen2021",),
        "partial": (),
        "partial_spearman": (),
        "regression": (),
        "commonality": ("cichy2020", "hebart2018"),
    },
    "similarity": {
        "cka": ("kornblith2019",),
        "cka_unbiased": ("kornblith2019", "song2012"),
        "procrustes": ("williams2021",),
        "cca": ("kornblith2019",),
        "rv": ("robert1976",),
    },
    "accuracy": {
        "pearson": (),
        "spearman": (),
        "r2": (),
        "explained_variance": (),
        "accuracy": (),
        "balanced_accuracy": (),
        "roc_auc": (),
    },
    "model": {
        "OLS": (),
        "PCR": ("massy1965",),
        "Ridge": ("hoerl1970",),
        "PLS": ("rannar1994",),
        "BandedRidge": ("nunez2019", "dupre2022"),
        "Stacked": ("breiman1996",),
        "SelectiveRidge": ("horikawa2017",),
        "Univariate": (),
        "gcv": ("golub1979",),
    },
    "tuning": {
        "selectivity": ("ringach2002",),
        "preferred": (),
        "peak": (),
        "contrast": (),
        "width": (),
        "peaks": (),
        "sparseness": ("vinje2000",),
    },
    "inference": {
        "two-factor bootstrap": ("schuett2023",),
        "bootstrap": ("schuett2023",),
        "satterthwaite": ("satterthwaite1946",),
    },
    "flexible": {
        "Weighted": ("khaligh2014",),
        "Selected": ("schuett2023",),
        "Interpolated": ("schuett2023",),
    },
    "partition": {
        "parts": ("nimon2013",),
        "product": ("nimon2013",),
        "shapley": ("nimon2013",),
        "relative": ("nimon2013",),
        "correlation": (),
    },
    "ceiling": {"of RDMs": ("nili2014",)},
    "covariance": {"ledoit_wolf": ("ledoit2004",)},
    "reliability": {"split_half": (), "ncsnr": ("allen2022",)},
    "analysis": {
        "identification": ("kay2008",),
        "intersubject": ("hasson2004",),
        "generalization": ("king2014",),
        "hierarchy": ("nonaka2021",),
        "clusters": ("maris2007",),
        "tfce": ("smith2009", "nichols2002"),
        "max": ("nichols2002",),
        "covariate": ("freedman1983", "winkler2014"),
    },
    "chance": {
        "permutations": ("phipson2010", "winkler2015"),
        "relabelled stimuli": ("mantel1967", "phipson2010"),
        "sequential": ("besag1991",),
        "sign flips": ("hartigan1969",),
        "fdr": ("benjamini1995",),
        "largest statistic": ("nichols2002",),
    },
}
