"""The command ``saliency``."""

from pathlib import Path
from typing import Literal

from isocortex.cli._answer import answers


@answers
def saliency(
    network: str,
    image: Path,
    layer: str,
    unit: str,
    /,
    *,
    figure: Path,
    weights: str = "default",
    method: list[Literal["gradient", "guided", "smoothgrad"]] = ["guided"],  # noqa: B006
) -> None:
    """Draw which pixels of an image matter to a unit.

    Example: three methods side by side.

        isocortex saliency alexnet cat.jpg conv5 100 \\
          --method gradient guided smoothgrad --figure cat_conv5.png

    Parameters
    ----------
    network
        A torchvision or timm name.
    image
        An image file.
    layer
        A layer, such as conv5.
    unit
        A channel (100), whose mean over space counts, or one unit (100,6,6).
    figure
        The picture to write.
    weights
        default (downloaded once), none (random), or the path of a file or folder.
    method
        gradient, guided or smoothgrad; several are drawn side by side.
    """
    import isocortex as ic
    from isocortex.cli._endings import check_endings
    from isocortex.cli._figures import draw_to_file
    from isocortex.cli._show import say, show_written
    from isocortex.cli._units import network_of, unit_of

    check_endings(figure=figure)
    if not image.is_file():
        raise ic.NotFoundError(f"There is no image {str(image)!r}.")
    loaded = network_of(network, weights)
    found = [ic.saliency(loaded, image, layer, unit_of(unit), each) for each in method]
    draw_to_file(figure, ic.plots.saliency, found)
    activation = found[0].activation
    said = f"{layer} {unit} of {network} for {image.name}: {activation:.4g}"
    say(said, activation=activation)
    show_written(figure=figure)
