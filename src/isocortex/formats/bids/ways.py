"""How volumes become trials: by betas, or by the event that covers each."""

from isocortex.choice import is_number
from isocortex.errors import InputError
from isocortex.formats.bids.betas import Betas


def labelling(
    betas: "str | Betas | None", lag: "float | str | None", who: str
) -> "float | str | Betas":
    """The one way that was asked for.

    Raises
    ------
    InputError
        If both are, or the lag is none.
    """
    if betas is not None:
        if lag is not None:
            raise InputError(f"{who}: betas= and lag= are two ways to trials; give one of them.")
        return betas if isinstance(betas, Betas) else Betas(betas)
    if isinstance(lag, str) and lag == "hrf":
        return lag
    if is_number(lag) and 0 <= float(lag) < 60:
        return float(lag)
    raise InputError(f"{who}: lag is 0 to 60 s (usually 4 to 6) or 'hrf', not {lag!r}.")
