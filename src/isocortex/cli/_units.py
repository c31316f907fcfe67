"""Units and weights as the command line names them."""

from pathlib import Path
from typing import Any

from isocortex.errors import InputError
from isocortex.networks.weights.files import weights_file


def unit_of(text: str) -> int | tuple[int, ...]:
    """``7`` is a channel, ``7,3,3`` the single unit (channel, row, col).

    Raises
    ------
    InputError
        If it is neither.
    """
    try:
        numbers = tuple(int(part) for part in text.strip("() ").split(","))
    except ValueError:
        raise InputError(
            f"{text!r} is no unit: give a channel, such as 7, or one unit, such as 7,3,3."
        ) from None
    return numbers[0] if len(numbers) == 1 else numbers


def network_of(name: str, weights: str) -> Any:
    """A network by name, with weights as ``extract`` takes them.

    A path of nothing is told before the libraries of networks are loaded, which takes seconds.
    """
    from isocortex.networks.zoo.names import check_network_name

    chosen = weights_of(weights)
    check_network_name(name)
    if chosen not in (None, "default"):
        weights_file(chosen)
    import isocortex as ic

    return ic.load_network(name, weights=chosen)


def weights_of(text: str) -> str | None:
    """What ``--weights`` says: ``none`` means random ones."""
    return None if text.lower() == "none" else text


def written_image(path: Path, image: Any) -> None:
    """An image with values from 0 to 1 as a file, whole or not at all."""
    import numpy as np
    from PIL import Image

    from isocortex.store.atomic import whole

    pixels = Image.fromarray(np.round(255 * np.clip(image, 0, 1)).astype(np.uint8))
    with whole(path) as draft:
        pixels.save(draft)
