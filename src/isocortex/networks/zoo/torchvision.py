"""torchvision's networks, with the preprocessing of their default weights."""

from collections.abc import Sequence
from typing import Any

from isocortex.networks.inputs.preprocessing import IMAGENET, Preprocessing, Transform
from isocortex.networks.inputs.recorded import VideoPreprocessing
from isocortex.networks.zoo.source import Built, Source, unreachable
from isocortex.networks.zoo.torchvision_shim import torchvision

_TITLE = "torchvision"

# Networks whose pretrained weights expect the input to be rescaled inside the network.
_TRANSFORM_INPUT = ("googlenet", "inception_v3")


def _names() -> list[str]:
    models = torchvision().models
    wanted = (models, models.segmentation, models.video)
    return [name for module in wanted for name in models.list_models(module=module)]


def _build(name: str, pretrained: bool) -> Built:
    models = torchvision().models
    weights = models.get_model_weights(name).DEFAULT
    options: dict[str, Any] = {}
    if pretrained:
        options["weights"] = weights
    else:
        options["weights"] = None
        if name in _TRANSFORM_INPUT:
            options.update(transform_input=True, aux_logits=False, init_weights=True)
        if name in models.list_models(module=models.segmentation):
            options["weights_backbone"] = None
    try:
        module = models.get_model(name, **options)
    except OSError as error:
        raise unreachable(name, _TITLE, error) from error
    words = f"{_TITLE} {weights.name}" if pretrained else ""
    return Built(module, _preprocessing(weights.transforms()), words)


def _preprocessing(transforms: Any) -> Transform:
    """torchvision's own steps for classification as ours; others are taken as they are."""
    if type(transforms).__name__ == "VideoClassification":
        return VideoPreprocessing(
            resize=_size(transforms.resize_size),
            crop=_size(transforms.crop_size),
            mean=transforms.mean,
            std=transforms.std,
        )
    if type(transforms).__name__ != "ImageClassification":
        return _Steps(transforms)
    found = Preprocessing(
        resize=_size(transforms.resize_size),
        crop=_size(transforms.crop_size),
        mean=transforms.mean,
        std=transforms.std,
        interpolation=transforms.interpolation.value,
    )
    return IMAGENET if found == IMAGENET else found


def _size(size: Sequence[int]) -> int | tuple[int, int]:
    """The length of the shorter side alone, or height and width."""
    return size[0] if len(size) == 1 else (size[0], size[1])


class _Steps:
    """torchvision's transforms, fed with arrays."""

    def __init__(self, transforms: Any):
        self.transforms = transforms

    def __call__(self, pixels: Any) -> Any:
        import torch

        from isocortex.networks.inputs.preprocessing import channels_first

        return self.transforms(torch.tensor(channels_first(pixels).copy())).numpy()

    def __repr__(self) -> str:
        return repr(self.transforms)


TORCHVISION = Source(_TITLE, _names, _build)
