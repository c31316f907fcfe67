import numpy as np
import pytest

import isocortex as ic
from isocortex.networks.text.tokens import Tokens


def test_special_tokens_stand_around_a_text(bert, gpt2):
    tokens = bert.preprocessing
    head, tail = tokens.specials
    assert tokens.named(head) == "[CLS]"
    assert tokens.named(tail) == "[SEP]"
    np.testing.assert_array_equal(tokens("her book"), tokens.tokenizer("her book")["input_ids"])
    assert gpt2.preprocessing.specials == ((), ())


def test_spans_are_places_in_the_text_whatever_the_tokenizer_was_told(bert):
    tokenizer = bert.preprocessing.tokenizer
    tokenizer.backend_tokenizer.enable_truncation(3)
    ids, spans = bert.preprocessing.spans("her book was reading to her sister")
    assert len(ids) > 3
    assert spans[-1, 1] == 34


@pytest.mark.parametrize(
    ("own", "positions", "limit"),
    [(1e30, 64, 64), (32, 64, 32), (128, 64, 64), (1e30, None, None), (16, None, 16)],
)
def test_the_limit_is_that_of_tokenizer_and_positions(bert, own, positions, limit):
    tokenizer = type(bert.preprocessing.tokenizer)(
        tokenizer_object=bert.preprocessing.tokenizer.backend_tokenizer, model_max_length=own
    )
    assert Tokens(tokenizer, positions).limit == limit


def test_a_slow_tokenizer_is_refused():
    class Slow:
        is_fast = False

    with pytest.raises(ic.InputError, match="fast tokenizer .*; Slow is none"):
        Tokens(Slow())


def test_it_says_what_it_is(bert, gpt2):
    assert "at most 256 tokens, [CLS] … [SEP]" in repr(bert.preprocessing)
    assert "at most 400 tokens, no special tokens" in repr(gpt2.preprocessing)
