import pickle

import numpy as np
import pytest

import isocortex as ic
from isocortex.networks.text.contexts import Window, context_of

SLOW = {
    "window": (Window(3), lambda i: max(0, i - 3)),
    "none before": (Window(0), lambda i: i),
    "blocks": (ic.Blocks(4), lambda i: max(0, (i // 4 - 1) * 4)),
    "growing": (ic.Growing(), lambda i: 0),
}


@pytest.mark.parametrize("name", SLOW)
def test_where_a_context_begins(name):
    context, slow = SLOW[name]
    np.testing.assert_array_equal(context.first(23), [slow(i) for i in range(23)])
    before = np.arange(23) - context.first(23)
    assert context.n_words is None or before.max() == context.n_words


def test_a_block_has_between_one_and_two_sizes_before_it():
    before = np.arange(100) - ic.Blocks(10).first(100)
    assert before[10:].min() == 10
    assert before.max() == 19


@pytest.mark.parametrize("context", [ic.Blocks(3), ic.Growing(cache=False)])
def test_contexts_are_values(context):
    assert pickle.loads(pickle.dumps(context)) == context
    assert context_of(context) is context


@pytest.mark.parametrize("number", [-1, 2.5, True, "40"])
def test_other_things_are_refused(number):
    with pytest.raises(ic.InputError, match="whole number of words"):
        context_of(number)
    with pytest.raises(ic.InputError, match="number"):
        ic.Blocks(number)


def test_the_usual_context_is_forty_words():
    assert context_of(None) == Window(40)
