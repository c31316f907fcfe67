"""RDMs over subjects and times as scores: what the verbs of statistics take in their place."""

from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.errors import InputError


def as_scores(given: Scores | RDMs, who: str, chance: float | None = None) -> Scores:
    """Scores as they are; of RDMs the mean over their pairs, one score for each RDM.

    Parameters
    ----------
    given : Scores or RDMs
        RDMs as of ``decoding_rdms``, with labels such as subject and time.
    who : str
        The verb.
    chance : float, optional
        The score under the null hypothesis that was asked for.

    Raises
    ------
    InputError
        If RDMs have no labels, or are accuracies that would be tested against 0.
    """
    if isinstance(given, Scores):
        return given
    if not len(given.label_rows):
        raise InputError(
            f"{who}: these RDMs have no labels, such as subject and time, over which anything "
            "could be said: RDMs(values, stimuli, labels={'subject': [...]})."
        )
    if chance == 0 and "accuracy" in given.dissimilarity:
        raise InputError(
            f"{who}: these RDMs are accuracies ({given.dissimilarity}), which are above 0 by "
            f"chance; say what chance is: {'null' if who == 'interval' else 'chance'}=0.5."
        )
    means = given.complete(who).values.mean(1)
    return Scores(means, {"rdm": given.label_rows}, given.dissimilarity or "dissimilarity")
