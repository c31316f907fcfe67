"""What a network's own error means, in a sentence."""

from collections.abc import Callable
from typing import Any

from isocortex.errors import InputError
from isocortex.networks.hooks import in_one_line, is_scripted

_TYPES = ("dtype", "scalar type", "same type", "data type", "type torch", "quantized")
_DEVICES = ("cuda", "same device", "expected device", "on device", "device type", "mps")
_IDS = ("'indices'", "index out of range", "embedding(")
_AXES = ("-d", "dimension", "embed", "input.size", "mat1 and mat2", "shape")
_SIZES = ("size", "shape", "dimension", "height", "width", "channels", "divisible", "img", "image")


def refusal(module: Any, shape: tuple[int, ...], error: BaseException) -> InputError:
    """The error to raise where a module cannot take stimuli of a shape."""
    reason = in_one_line(error)
    advice = _advice(module, reason, error, shape)
    return InputError(f"The network cannot take stimuli of shape {shape}: {reason}. {advice}")


_NUMBERS = (1, 2, 3, 4, 8)
"""Of stimuli in a batch, that are tried where a network has failed."""


def refusal_of_numbers(show: Callable[[int], object], error: BaseException) -> InputError | None:
    """The error to raise where a module takes batches of one length alone; None where it is not.

    Parameters
    ----------
    show : function of a number of stimuli
        Runs the module on so many, and raises what it raises.
    error : exception
        What it raised.
    """
    for n in _NUMBERS:
        try:
            show(n)
        except Exception:  # Networks raise what they like.
            continue
        return InputError(
            f"The network runs on batches of {n} stimuli, but not of others: {in_one_line(error)}. "
            "Whose row is whose is found by showing two numbers of stimuli. Let its forward take "
            "the length of its input, x.shape[0], or wrap it in a module that shows it batches of "
            f"{n}."
        )
    return None


def _advice(module: Any, reason: str, error: BaseException, shape: tuple[int, ...]) -> str:
    low = reason.lower()
    if isinstance(error, TypeError) and "forward() " in low:
        return (
            "Its forward takes other arguments than a batch of pixels alone; wrap it in a module "
            "whose forward takes these."
        )
    if any(word in low for word in _IDS):
        return (
            "It reads ids, of tokens say, and gets numbers, among them random ones by which it is "
            "found what counts stimuli. Wrap it in a module whose forward makes ids of them: "
            "self.module(x.long() % n_ids)."
        )
    if any(word in low for word in _DEVICES):
        return "Bring all of it to one device that is there, such as module.to('cpu')."
    if len(_types(module)) > 1 and any(word in low for word in _TYPES):
        kinds = ", ".join(sorted(_types(module)))
        return f"Its weights are of several types ({kinds}); module.float() makes them one."
    if any(word in low for word in _TYPES):
        return "Its weights and its inputs are of types that do not go together here."
    if len(shape) == 1 and any(word in low for word in _SIZES):
        return (
            "Of sounds it may take longer pieces, or samples at another rate; other arrays must "
            "have the shape that its forward takes."
        )
    if len(shape) == 3 and shape[0] == 1 and any(word in low for word in _AXES):
        return (
            "An array of two axes is taken for a grey picture, (1, rows, columns). Where it is a "
            "sequence, (time, features), hand each array on as it is: "
            "load_network(module, preprocessing=lambda array: array)."
        )
    if any(word in low for word in _SIZES):
        return (
            "Give load_network preprocessing= that resizes them to what it takes, such as "
            "'imagenet' or Preprocessing(resize=(224, 224))."
        )
    return "The error is the network's own; it also comes when it is called with such a batch."


def _types(module: Any) -> set[str]:
    floating = (each for each in module.parameters() if each.is_floating_point())
    return {str(each.dtype).removeprefix("torch.") for each in floating}


def refuse_not_runnable(module: Any) -> None:
    """Modules that cannot be listened to, or have no numbers yet.

    Raises
    ------
    InputError
        If a network is scripted or traced as a whole (modules inside TorchScript do not call
        hooks), lies on the meta device, or has lazy modules whose weights are still to come.
    """
    if is_scripted(module):
        raise InputError(
            "This network is a ScriptModule (of torch.jit), whose inner modules cannot be listened "
            "to: TorchScript runs them, not Python. Give load_network the module that it was made "
            "from, with the same weights (load_state_dict)."
        )
    from torch.nn.parameter import is_lazy

    for name, each in [*module.named_parameters(), *module.named_buffers()]:
        if is_lazy(each):
            raise InputError(
                f"{name!r} of the network has no numbers yet: its module is lazy, and would draw "
                "them at random in its first pass. Run the network once on a stimulus, or load its "
                "weights, before load_network."
            )
        if each.is_meta:
            raise InputError(
                f"{name!r} of the network lies on the device 'meta', where there are no numbers. "
                "Use module.to_empty(device='cpu') and load its weights."
            )
