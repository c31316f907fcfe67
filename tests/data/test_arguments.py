"""Arguments meet their names as Python would have it."""

import inspect

import pytest

from isocortex.data.arguments import bound_by


def verb(source, kind="a", *, seed=0, needed):
    """Some of each kind."""


SIGNATURE = inspect.signature(verb)
CALLS = [
    ((1,), {"needed": 2}),
    ((1, "b"), {"needed": 2, "seed": 3}),
    ((), {"source": 1, "needed": 2}),
    ((), {"needed": 2}),
    ((1,), {}),
    ((1, 2, 3), {"needed": 2}),
    ((1,), {"source": 1, "needed": 2}),
    ((1,), {"needed": 2, "other": 3}),
]


@pytest.mark.parametrize(("args", "kwargs"), CALLS, ids=str)
def test_arguments_are_bound_as_by_inspect(args, kwargs):
    try:
        wanted = SIGNATURE.bind(*args, **kwargs).arguments
    except TypeError as problem:
        with pytest.raises(TypeError, match=str(problem)):
            bound_by(SIGNATURE)(args, kwargs)
    else:
        assert bound_by(SIGNATURE)(args, kwargs) == wanted
