import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.citations.methods import ALWAYS, METHODS
from isocortex.citations.papers import PAPERS
from isocortex.errors import InputError
from isocortex.mapping.models.known import MODELS
from isocortex.mapping.reliability import RELIABILITIES
from isocortex.numerics.measures.accuracy import ACCURACIES
from isocortex.numerics.measures.class_accuracy import CLASS_ACCURACIES
from isocortex.numerics.measures.comparison import COMPARISONS
from isocortex.numerics.measures.similarity import SIMILARITIES
from isocortex.populations.indices import TUNING_INDICES
from isocortex.rsa.crossvalidated import TRIAL_DISSIMILARITIES

ROOT = Path(__file__).resolve().parents[2]
FAMILIES = {
    "dissimilarity": TRIAL_DISSIMILARITIES,
    "comparison": COMPARISONS,
    "similarity": SIMILARITIES,
    "accuracy": {**ACCURACIES, **CLASS_ACCURACIES},
    "model": [each.__name__ for each in MODELS],
    "tuning": TUNING_INDICES,
    "reliability": RELIABILITIES,
}


@pytest.fixture
def layer(rng):
    return ic.Responses(rng.normal(size=(20, 6)), labels={"layer": "conv"})


@pytest.fixture
def region(rng):
    return ic.Responses(rng.normal(size=(20, 3)), labels={"region": "V1"})


def cited(*results):
    return set(ic.citation(*results).keys) - {"isocortex"}


def test_the_package_alone_in_its_version():
    found = ic.citation()
    assert found.keys == ("isocortex",)
    assert f"Version {ic.__version__}" in found.text
    assert f"version = {{{ic.__version__}}}" in found.bibtex


def test_the_citation_file_has_the_same_year_version_and_title():
    lines = (ROOT / "CITATION.cff").read_text().splitlines()
    own = ic.citation().papers["isocortex"]
    assert f"version: {own.version}" in lines
    assert f'title: "{own.title}"' in lines
    assert any(line.startswith(f"date-released: {own.year}-") for line in lines)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_name_of_a_family_has_its_line(family):
    assert sorted(set(FAMILIES[family]) - set(METHODS[family])) == []


def test_every_model_of_the_front_door_has_its_line():
    from sklearn.base import BaseEstimator

    public = [getattr(ic, name) for name in ic.__all__ if name[0].isupper()]
    models = [
        each.__name__
        for each in public
        if issubclass(each, BaseEstimator) and not inspect.isabstract(each)
    ]
    assert sorted(set(models) - set(METHODS["model"])) == []
    assert len(models) >= 7


def test_every_key_is_a_paper_and_every_paper_is_cited():
    named = [key for family in METHODS.values() for keys in family.values() for key in keys]
    named += [key for keys in ALWAYS.values() for key in keys]
    assert set(named) == set(PAPERS)


def test_every_link_stands_in_a_docstring_too():
    sources = [p for p in (ROOT / "src").rglob("*.py") if "citations" not in p.parts]
    text = "\n".join(path.read_text() for path in sources)
    assert [key for key, paper in PAPERS.items() if paper.link not in text] == []


def test_every_paper_is_a_line_and_an_entry():
    for key, paper in PAPERS.items():
        family = re.split(r"[ ,]", paper.authors)[0]
        assert re.match(rf"{family}.* \({paper.year}\)\. .+\. .+\. https://\S+$", paper.text), key
        assert key.endswith(str(paper.year))
        entry = paper.bibtex(key)
        assert entry.startswith(("@article{", "@inproceedings{"))
        assert entry.count("{") == entry.count("}")


def test_rdms_name_their_dissimilarity(layer):
    assert cited(ic.rdms(layer, "correlation")) == {"kriegeskorte2008"}
    runs = ic.Trials(layer.values, ["a", "b"] * 10, runs=np.repeat([1, 2], 10))
    assert cited(ic.rdms(runs, "crossnobis")) == {"kriegeskorte2008", "walther2016"}
    both = ic.RDMs.concat([ic.rdms(runs, "crossnobis"), ic.rdms(runs, "cosine")])
    assert cited(both) == {"kriegeskorte2008", "walther2016"}


def test_accuracies_of_classifiers_are_known_with_their_settings(layer):
    trials = ic.Trials(layer.values, ["a", "b"] * 10)
    plain = ic.decoding_rdms(trials)
    shrunk = ic.decoding_rdms(trials, shrinkage="auto")
    assert cited(plain) == {"kriegeskorte2008", "cichy2014", "guggenmos2018"}
    assert cited(shrunk) - cited(plain) == {"ledoit2004"}


def test_comparisons_and_similarities_are_told_apart_from_accuracies(layer, region):
    rdms = ic.rdms([layer, layer])
    assert cited(ic.compare(rdms, rdms, "tau_a")) == {"kriegeskorte2008", "nili2014"}
    assert cited(ic.similarity(layer, region, "rv")) == {"robert1976"}
    assert cited(ic.encode(layer, region, ic.OLS())) == {"naselaris2011"}


def test_a_model_is_found_inside_a_pipeline(layer, region):
    pipeline = make_pipeline(StandardScaler(), ic.PLS(2))
    assert cited(ic.encode(layer, region, pipeline)) == {"naselaris2011", "rannar1994"}


def test_generalized_cross_validation_has_its_own_paper(layer, region):
    by_folds, by_gcv = (ic.Ridge([1.0, 10.0], inner=inner) for inner in (5, "gcv"))
    scores = [ic.encode(layer, region, model) for model in (by_folds, by_gcv)]
    assert cited(scores[1]) - cited(scores[0]) == {"golub1979"}


def test_chance_is_cited_where_it_was_computed(layer, region):
    scores = ic.encode(layer, region, ic.OLS(), permutations=20)
    found = cited(scores) - {"naselaris2011"}
    assert found == {"phipson2010", "winkler2015", "benjamini1995", "nichols2002"}


def test_estimates_say_how_they_were_made(rng):
    accuracies = [rng.uniform(0.2, 0.8, size=(5, 40)) for _ in range(5)]
    assert cited(ic.hierarchy(accuracies)) == {"nonaka2021"}


@pytest.fixture
def people(rng):
    truth = rng.random(190)
    names = [f"image {i}" for i in range(20)]
    models = ic.RDMs([truth, rng.random(190)], names, {"layer": ["conv", "pixels"]})
    return models, ic.RDMs(truth + rng.random((6, 190)), names, {"subject": range(6)})


def test_tests_of_rdms_name_their_papers(people):
    models, brain = people
    bootstrap = ic.infer(models, brain, "whitened_cosine", n=20)
    assert cited(bootstrap) == {"kriegeskorte2008", "diedrichsen2021", "nili2014", "schuett2023"}
    alike = ic.infer(models, brain, "pearson", n=20, df="satterthwaite")
    assert "satterthwaite1946" in cited(alike)
    relabelled = ic.infer(models, brain, "rho_a", n=20, method="permutation")
    assert {"mantel1967", "phipson2010"} <= cited(relabelled)
    assert "winkler2015" not in cited(relabelled)
    assert cited(ic.noise_ceiling(brain)) == {"nili2014"}


def test_relabelled_stimuli_are_of_mantel_not_of_blocks(people):
    models, brain = people
    found = cited(ic.compare(models, brain, "pearson", n_permutations=20))
    assert found == {
        "kriegeskorte2008",
        "mantel1967",
        "phipson2010",
        "benjamini1995",
        "nichols2002",
    }
    sequential = ic.compare(models, brain, "pearson", permutations="sequential")
    assert "besag1991" in cited(sequential)


def test_fitted_models_and_partitions_name_their_papers(people):
    models, brain = people
    fitted = ic.fit_rdms(ic.Weighted(models), brain, "pearson")
    assert cited(fitted) == {"khaligh2014", "kriegeskorte2008", "nili2014"}
    sets = {name: models.select(layer=name) for name in ("conv", "pixels")}
    assert cited(ic.partition(sets, brain)) == {"nimon2013"}


def test_what_listeners_have_in_common_has_a_paper(rng):
    series = [ic.Responses(rng.normal(size=(50, 3)), labels={"subject": s}) for s in "abc"]
    assert cited(ic.intersubject(series)) == {"hasson2004"}


def test_what_has_no_paper_is_named(layer):
    def mine(x):
        return np.abs(x[:, None] - x[None]).max(2)

    found = ic.citation(ic.rdms(layer, mine))
    assert found.unlisted == ("mine",)
    assert "No paper is listed for: mine." in str(found)


def test_several_results_make_one_list_without_repeats(layer):
    rdms = ic.rdms([layer, layer])
    found = ic.citation(rdms, ic.compare(rdms, rdms, "spearman"))
    assert found.keys == ("isocortex", "kriegeskorte2008")
    assert found.unlisted == ("correlation", "spearman")


def test_other_nouns_are_refused(layer):
    with pytest.raises(InputError, match=r"citation needs RDMs, Scores.*not Responses"):
        ic.citation(layer)
