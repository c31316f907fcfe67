"""The command ``optimize``."""

from pathlib import Path

from isocortex.cli._answer import answers


@answers
def optimize(
    network: str,
    layer: str,
    unit: str,
    /,
    *,
    into: Path,
    weights: str = "default",
    steps: int = 200,
    size: tuple[int, int] | None = None,
    seed: int = 0,
) -> None:
    """Make an image that drives a unit as strongly as possible.

    Example:

        isocortex optimize alexnet conv3 100 --size 128 128 --into conv3_100.png

    Parameters
    ----------
    network
        A torchvision or timm name.
    layer
        A layer, such as conv3.
    unit
        A channel (100), or one unit (100,6,6).
    into
        The image to write, such as conv3_100.png.
    weights
        default (downloaded once), none (random), or the path of a file or folder.
    steps
        How many steps up.
    size
        Rows and columns; without it, what the network takes.
    seed
        Of the first image.
    """
    import isocortex as ic
    from isocortex.cli._endings import PHOTO, check_endings
    from isocortex.cli._show import progress, say, show_written
    from isocortex.cli._units import network_of, unit_of, written_image

    check_endings(into, PHOTO)
    loaded = network_of(network, weights)
    with progress() as listener:
        best = ic.optimal_stimulus(
            loaded, layer, unit_of(unit), steps=steps, size=size, seed=seed, progress=listener
        )
    written_image(into, best.image)
    first, last = best.activations[0], best.activation
    said = f"{layer} {unit} of {network}: from {first:.4g} to {last:.4g} in {steps} steps"
    say(said, first=first, last=last)
    show_written(image=into)
