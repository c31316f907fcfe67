"""Jobs one after the other, in this process."""

from collections.abc import Sequence

from isocortex.jobs.jobs import Job, Summary, attempt
from isocortex.progress import Job as Shows
from isocortex.progress import Shown


def run_here(jobs: Sequence[Job], progress: Shown = None, what: str = "jobs") -> Summary:
    """Do all jobs; those that are done are skipped, and a failure does not stop the others.

    Parameters
    ----------
    jobs : sequence of Job
    progress : bool or function, optional
    what : str
        The name of the whole.

    Returns
    -------
    Summary
    """
    outcomes = []
    with Shows(progress, what, len(jobs)) as shown:
        for job in jobs:
            outcomes.append(attempt(job))
            shown.step(1, f"{job.name}: {outcomes[-1].state}")
    return Summary(tuple(outcomes))
