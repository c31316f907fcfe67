import inspect
import re

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import isocortex as ic

PERMUTATION = re.escape("permutations=ic.Permutation(n, seed)")


@pytest.mark.parametrize("verb", [ic.encode, ic.decode, ic.probe])
def test_verbs_have_eight_arguments_beside_the_listener(verb):
    assert len(set(inspect.signature(verb).parameters) - {"progress"}) <= 8


@pytest.mark.parametrize("verb", [ic.encode, ic.decode])
def test_a_number_of_permutations_and_a_seed_still_count(verb, pair):
    now = verb(*pair, ic.PCR(5), permutations=ic.Permutation(19, seed=3))
    with pytest.warns(DeprecationWarning, match=PERMUTATION) as said:
        old = verb(*pair, ic.PCR(5), n_permutations=19, seed=3)
    np.testing.assert_array_equal(old.columns["p"], now.columns["p"])
    assert [str(each.message).split("=")[0] for each in said][:2] == ["n_permutations", "seed"]
    assert {each.filename for each in said} == {__file__}


def test_probe_takes_the_old_arguments_too(pair):
    labels, model = np.arange(45) % 2, LogisticRegression()
    now = ic.probe(pair[0], labels, model, permutations=ic.Permutation(4, seed=1), folds=3)
    with pytest.warns(DeprecationWarning, match=PERMUTATION):
        old = ic.probe(pair[0], labels, model, permutations=4, seed=1, folds=3)
    np.testing.assert_array_equal(old.columns["p"], now.columns["p"])


@pytest.mark.parametrize("verb", [ic.encode, ic.decode])
def test_train_and_test_are_fixed_sets(verb, pair):
    names = pair[0].stimuli
    for sets in ({"train": names[:30]}, {"test": names[30:]}):
        now = verb(*pair, ic.PCR(5), folds=ic.FixedSets(**sets))
        with pytest.warns(DeprecationWarning, match="folds=ic.FixedSets"):
            old = verb(*pair, ic.PCR(5), **sets)
        np.testing.assert_array_equal(old.values, now.values)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_and_new_together_are_refused(pair):
    model, names = ic.PCR(5), pair[0].stimuli
    with pytest.raises(ic.InputError, match="say the same thing"):
        ic.encode(*pair, model, permutations=19, n_permutations=19)
    with pytest.raises(ic.InputError, match="has a seed of its own"):
        ic.encode(*pair, model, permutations=ic.Permutation(19), seed=1)
    with pytest.raises(ic.InputError, match="in place of folds="):
        ic.encode(*pair, model, folds=5, test=names[:10])
    with pytest.raises(ic.InputError, match="whole number from 0"):
        ic.encode(*pair, model, n_permutations=-1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'n_perm'"):
        ic.encode(*pair, model, n_perm=9)
