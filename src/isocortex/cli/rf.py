"""The command ``rf``."""

from pathlib import Path
from typing import Literal

from isocortex.cli._answer import answers


@answers
def rf(
    network: str,
    layers: list[str] = ["main"],  # noqa: B006
    /,
    *,
    weights: str = "none",
    method: Literal["theoretical", "gradient", "effective", "occlusion"] = "theoretical",
    figure: Path | None = None,
) -> None:
    """Tell the receptive fields of layers: size, stride and centre in pixels.

    Example: how large are those of AlexNet's convolutions?

        isocortex rf alexnet conv1 conv2 conv5 --figure fields.png

    Parameters
    ----------
    network
        A torchvision or timm name.
    layers
        Layers (conv1, features.0), patterns, all, or main.
    weights
        none (random; the arithmetic does not care), default, or a path.
    method
        theoretical (arithmetic), gradient, effective or occlusion (measured).
    figure
        A picture of the fields, such as fields.png.
    """
    import isocortex as ic
    from isocortex.cli._endings import check_endings
    from isocortex.cli._figures import draw_to_file
    from isocortex.cli._show import show_table, show_written
    from isocortex.cli._units import network_of

    check_endings(figure=figure)
    loaded = network_of(network, weights)
    fields = [ic.receptive_field(loaded, name, method) for name in loaded.select(layers)]
    rows = [(each.layer, *each.size, *each.stride, *each.centre) for each in fields]
    heads = (
        "layer",
        "rows",
        "columns",
        "row stride",
        "column stride",
        "centre row",
        "centre column",
    )
    show_table(heads, rows, f"{network}, {method}")
    if figure is not None:
        draw_to_file(figure, ic.plots.receptive_field, fields)
    show_written(figure=figure)
