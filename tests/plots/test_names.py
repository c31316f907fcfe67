from isocortex.numerics.measures.accuracy import ACCURACIES
from isocortex.numerics.measures.comparison import COMPARISONS
from isocortex.numerics.measures.similarity import SIMILARITIES
from isocortex.plots._names import NAMES, metric_name


def test_every_measure_has_a_full_name():
    assert {*COMPARISONS, *SIMILARITIES, *ACCURACIES} - set(NAMES) == set()


def test_other_names_lose_their_underscores():
    assert metric_name("spearman") == "Spearman's ρ"
    assert metric_name("my_measure") == "my measure"
