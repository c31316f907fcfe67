"""Errors of ours that scripts catch under the names that they know: AssertionError, KeyError."""

from isocortex.errors import InputError


class RefusedError(InputError, AssertionError):
    """What DNNBrain asserts."""


class LackingError(InputError, KeyError):
    """What DNNBrain looks up in a dictionary."""

    def __str__(self) -> str:
        # KeyError would put the sentence into quotes.
        return str(self.args[0])
