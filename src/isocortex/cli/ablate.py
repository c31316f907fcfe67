"""The command ``ablate``."""

from pathlib import Path

from isocortex.cli._answer import answers


@answers
def ablate(
    network: str,
    layer: str,
    channels: list[int],
    /,
    *,
    into: Path,
    weights: str = "default",
) -> None:
    """Silence channels of a layer, and write the weights of the network that is left.

    Example: AlexNet without three channels of conv3, then what its layers do.

        isocortex ablate alexnet conv3 0 1 2 --into ablated.safetensors
        isocortex extract alexnet my_images --weights ablated.safetensors \\
          --into ablated.zarr

    Parameters
    ----------
    network
        A torchvision or timm name.
    layer
        A layer with weights, such as conv3.
    channels
        Which of its channels, counted from 0.
    into
        The file of weights to write; its name ends in .safetensors.
    weights
        default (downloaded once), none (random), or the path of a file or folder.
    """
    import isocortex as ic
    from isocortex.cli._endings import WEIGHTS, check_endings
    from isocortex.cli._show import say, show_written
    from isocortex.cli._units import network_of

    check_endings(into, WEIGHTS)
    less = ic.ablate(network_of(network, weights), layer, channels)
    ic.save_weights(less, into)
    say(less.name)
    show_written(weights=into)
