"""What a study file may say, as models of pydantic: types, bounds, and words for editors."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PositiveInt, model_validator

from isocortex.study.sources import Name, NetworkSource, Part, RecordingSource, StimuliSource

Comparison = Literal[
    "pearson",
    "spearman",
    "kendall",
    "rho_a",
    "cosine",
    "whitened_cosine",
    "whitened_correlation",
]


class About(Part):
    """What the study is called, and where its results go."""

    name: Name = Field(description="The name of the study.")
    results: str = Field("results", description="A folder, relative to this file.")
    seed: int = Field(0, ge=0, description="Of everything that is drawn.")


class MethodBase(Part):
    """What methods of every kind have."""

    LATER: ClassVar[tuple[str, ...]] = ()
    """Options that came later than the first keys of results."""

    name: Name = Field(description="What it is called in tables and figures.")
    recordings: list[Name] | None = Field(
        None, description="Names of recordings it is for; default: all that it can take."
    )


class RSA(MethodBase):
    """RDMs of layers against RDMs of brains."""

    kind: Literal["rsa"]
    dissimilarity: Literal["correlation", "cosine", "euclidean", "squared_euclidean"] = Field(
        "correlation", description="Of layers, and of recordings that are no RDMs yet."
    )
    comparison: Comparison = Field("spearman", description="Of two RDMs.")
    permutations: int = Field(0, ge=0, description="Relabellings of stimuli, for p.")


class Similarity(MethodBase):
    """CKA and its relatives, without RDMs."""

    kind: Literal["similarity"]
    index: Literal["cka", "cka_unbiased", "procrustes"] = Field("cka", description="The index.")


class Mapped(MethodBase):
    """What encoding and decoding have in common."""

    model: Literal["ridge", "ols", "pcr", "pls"] = Field("ridge", description="The regression.")
    penalties: list[float] = Field(
        [1.0, 10.0, 100.0, 1e3, 1e4, 1e5], min_length=1, description="Of ridge regression."
    )
    components: PositiveInt = Field(25, description="Of PCR and PLS.")
    folds: int = Field(5, ge=2, description="Folds of neighbouring stimuli.")
    shuffle: bool = Field(True, description="Whether stimuli are shuffled before, by the seed.")
    accuracy: Literal["pearson", "spearman", "r2"] = Field("pearson", description="Of a unit.")
    summary: Literal["mean", "median"] = Field("mean", description="Over units.")


class Encoding(Mapped):
    """Voxels predicted from a layer; of recordings in time, volumes from what was heard or seen."""

    LATER: ClassVar[tuple[str, ...]] = (
        *("maps", "standardize", "pooled", "permutations"),
        *("resample", "volume_time", "delays", "hrf", "gap"),
    )
    kind: Literal["encoding"]
    standardize: bool = Field(
        False, description="Columns to standard deviations, by the training rows of each fold."
    )
    pooled: bool = Field(
        True, description="One score of all that was held out; false: the mean over folds."
    )
    permutations: int = Field(
        0, ge=0, description="For p, of regions with one unit: of stimuli; series are shifted."
    )
    resample: Literal["lanczos", "sum", "mean", "last"] = Field(
        "lanczos", description="Of series: how words become volumes."
    )
    volume_time: Literal["middle", "start"] = Field(
        "middle", description="Of series: the moment that a volume stands for."
    )
    delays: list[Annotated[int, Field(ge=0)]] = Field(
        [1, 2, 3, 4], min_length=1, description="Of series: copies so many volumes late."
    )
    hrf: Literal["spm", "glover"] | None = Field(
        None, description="Of series: one copy by this haemodynamic response, not by delays."
    )
    gap: Annotated[int, Field(ge=0)] | None = Field(
        None, description="Of series: volumes beside a test block that do not train."
    )
    maps: bool = Field(True, description="Whether the scores of single voxels are kept.")


class Decoding(Mapped):
    """Units of a layer predicted from voxels."""

    LATER: ClassVar[tuple[str, ...]] = ("maps",)
    kind: Literal["decoding"]
    maps: bool = Field(False, description="Whether the scores of single units are kept.")


Method = Annotated[RSA | Similarity | Encoding | Decoding, Field(discriminator="kind")]

METHODS: dict[str, type[MethodBase]] = {
    "rsa": RSA,
    "similarity": Similarity,
    "encoding": Encoding,
    "decoding": Decoding,
}
"""By what stands under ``kind``."""


class Statistics(Part):
    """What is said of people."""

    level: float = Field(0.95, gt=0, lt=1, description="Of intervals over subjects.")


class Cluster(Part):
    """Where to submit jobs, for run(where="cluster")."""

    scheduler: Literal["slurm", "pbs", "lsf"] = Field(description="Which one.")
    jobs: PositiveInt = Field(description="How many jobs are wanted at a time.")
    cores: PositiveInt = Field(1, description="Of a job: so many workers of one thread.")
    memory: str = Field("4GB", description="Of a job, such as 16GB.")
    walltime: str = Field("01:00:00", description="Of a job, hours:minutes:seconds.")
    queue: str | None = Field(None, description="The partition.")
    account: str | None = Field(None, description="Who pays.")
    interface: str | None = Field(None, description="The network between nodes, such as ib0.")
    directives: list[str] = Field([], description="Further lines, such as '--gres=gpu:1'.")
    skip_directives: list[str] = Field([], description="Those that the cluster forbids: '--mem'.")


class Settings(Part):
    """All of a study file."""

    study: About
    stimuli: StimuliSource
    network: list[NetworkSource] = Field(min_length=1)
    recording: list[RecordingSource] = Field(min_length=1)
    method: list[Method] = Field(min_length=1)
    statistics: Statistics = Statistics()  # pyright: ignore[reportCallIssue]
    cluster: Cluster | None = None

    @model_validator(mode="after")
    def _names_once(self) -> "Settings":
        for what in ("network", "recording", "method"):
            names = [each.name for each in getattr(self, what)]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"two tables [[{what}]] are called {twice[0]!r}")
        return self


def schema() -> dict[str, Any]:
    """The JSON schema, by which editors complete and check study files."""
    return Settings.model_json_schema()
