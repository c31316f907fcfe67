"""The verb ``save_weights``."""

from pathlib import Path

from isocortex.data.needs import door
from isocortex.errors import InputError
from isocortex.networks.network import Network
from isocortex.store.atomic import whole
from isocortex.store.disk_errors import in_words, number_of
from isocortex.store.sealed_weights import METADATA, seal_weights


@door
def save_weights(network: Network, path: str | Path) -> Path:
    """Write the weights of a network to a file that ``load_network(..., weights=path)`` reads.

    The file carries a checksum over every byte of it, which is looked at when it is read here.

    Parameters
    ----------
    network : Network
        Trained, ablated, or as it was loaded; weights that it lacks are not written.
    path : path
        A name that ends in ``.safetensors``, which holds plain tensors and nothing else.

    Returns
    -------
    Path
        Of the file that was written.

    Raises
    ------
    InputError
        If the name ends otherwise.
    StorageError
        If the file cannot be written.

    See Also
    --------
    load_network : Reads the file as ``weights=``.
    train, ablate : Change the weights of a network.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None, seed=1)
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.save_weights(network, f"{folder}/mine.safetensors")
    ...     again = ic.load_network("cifar10_resnet20", weights=path)
    >>> again.identity()["weights"] == network.identity()["weights"]
    True
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    path = Path(path)
    if path.suffix != ".safetensors":
        raise InputError(
            f"save_weights writes .safetensors, not {path.name!r}; such a file is read safely."
        )
    state = {
        name: value.detach().cpu().contiguous().clone()
        for name, value in network.module.state_dict().items()
        if name not in network.missing
    }
    with whole(path) as draft:
        try:
            save_file(state, str(draft), metadata=METADATA)
        except SafetensorError as error:
            raise OSError(number_of(error), in_words(error)) from error
        seal_weights(draft)
    return path
