"""What a network's own error means, in a sentence."""

from typing import Any

from isocortex.errors import InputError
from isocortex.networks.hooks import is_scripted

_LONGEST = 300

_TYPES = ("dtype", "scalar type", "same type", "data type", "type torch", "quantized")
_DEVICES = ("cuda", "same device", "expected device", "on device", "device type", "mps")
_SIZES = ("size", "shape", "dimension", "height", "width", "channels", "divisible", "img", "image")


def refusal(module: Any, shape: tuple[int, ...], error: BaseException) -> InputError:
    """The error to raise where a module cannot take stimuli of a shape."""
    reason = _in_one_line(error)
    advice = _advice(module, reason, error)
    return InputError(f"The network cannot take stimuli of shape {shape}: {reason}. {advice}")


def _in_one_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[-1] if lines and lines[0].startswith("The following operation failed") else ""
    text = text or " ".join(lines)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"{type(error).__name__}: {text}".rstrip(".: ")


def _advice(module: Any, reason: str, error: BaseException) -> str:
    low = reason.lower()
    if isinstance(error, TypeError) and "forward() " in low:
        return (
            "Its forward takes other arguments than a batch of pixels alone; wrap it in a module "
            "whose forward takes these."
        )
    if any(word in low for word in _DEVICES):
        return "Bring all of it to one device that is there, such as module.to('cpu')."
    if len(_types(module)) > 1 and any(word in low for word in _TYPES):
        kinds = ", ".join(sorted(_types(module)))
        return f"Its weights are of several types ({kinds}); module.float() makes them one."
    if any(word in low for word in _TYPES):
        return "Its weights and its inputs are of types that do not go together here."
    if any(word in low for word in _SIZES):
        return (
            "Give load_network preprocessing= that resizes them to what it takes, such as "
            "'imagenet' or Preprocessing(resize=(224, 224))."
        )
    return "The error is the network's own; it also comes when it is called with such a batch."


def _types(module: Any) -> set[str]:
    floating = (each for each in module.parameters() if each.is_floating_point())
    return {str(each.dtype).removeprefix("torch.") for each in floating}


def refuse_scripted(module: Any) -> None:
    """Modules inside TorchScript do not call hooks.

    Raises
    ------
    InputError
        If a network is scripted or traced as a whole.
    """
    if is_scripted(module):
        raise InputError(
            "This network is a ScriptModule (of torch.jit), whose inner modules cannot be listened "
            "to: TorchScript runs them, not Python. Give load_network the module that it was made "
            "from, with the same weights (load_state_dict)."
        )
