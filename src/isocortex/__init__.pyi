from .data.align import align as align
from .data.estimate import Estimate as Estimate
from .data.gram import Gram as Gram
from .data.rdms import RDMs as RDMs
from .data.responses import Responses as Responses
from .data.scores import Scores as Scores
from .data.stimuli import Stimuli as Stimuli
from .data.trials import Trials as Trials
from .data.trials import average as average
from .errors import FormatError as FormatError
from .errors import InputError as InputError
from .errors import IsocortexError as IsocortexError
from .errors import MisalignedError as MisalignedError
from .errors import MissingDependencyError as MissingDependencyError
from .errors import NotFoundError as NotFoundError
from .errors import StorageError as StorageError
from .errors import UndefinedError as UndefinedError
from .store.grams import gram as gram

__version__: str
