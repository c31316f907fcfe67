"""Jobs one after the other, in this process."""

from collections.abc import Sequence

from isocortex.jobs.jobs import Job, Summary, attempt
from isocortex.progress import Listener, Progress, silent


def run_here(jobs: Sequence[Job], listener: Listener = silent, what: str = "jobs") -> Summary:
    """Do all jobs; those that are done are skipped, and a failure does not stop the others.

    Parameters
    ----------
    jobs : sequence of Job
    listener : function of a Progress event, default silent
    what : str
        The name of the whole, for the listener.

    Returns
    -------
    Summary
    """
    outcomes = []
    for done, job in enumerate(jobs, start=1):
        outcomes.append(attempt(job))
        note = f"{job.name}: {outcomes[-1].state}"
        listener(Progress(what, done, len(jobs), note))
    return Summary(tuple(outcomes))
