"""Text models of transformers: the network, in float32, and its tokenizer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isocortex.choice import first_line
from isocortex.errors import FormatError, InputError
from isocortex.networks.text.tokens import Tokens
from isocortex.networks.weights.fit import fill_with_nan
from isocortex.networks.zoo.source import Built

_CAUSAL = ("LMHeadModel", "ForCausalLM")


def is_text(model: Any) -> bool:
    """Whether a model, or a class of models, takes token ids and nothing else."""
    kinds = getattr(model, "input_modalities", None) or ("text",)
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    return getattr(model, "main_input_name", "") == "input_ids" and kinds == ("text",)


def class_of(config: Any, transformers: Any) -> Any:
    """The class that transformers makes of a configuration; None where there is none."""
    known = getattr(transformers, "MODEL_MAPPING", {})
    found = known.get(type(config), None)
    return found[0] if isinstance(found, tuple | list) else found


def read_text_model(
    transformers: Any, name: str, config: Any, pretrained: bool, safely: Mapping[str, Any]
) -> Built:
    """A text model from a folder or the hub; weights of safetensors alone are read.

    Raises
    ------
    FormatError
        If the weights are of another format, or there is no tokenizer.
    """
    kind = _kind(transformers, config)
    missing: tuple[str, ...] = ()
    if pretrained:
        try:
            module, info = kind.from_pretrained(
                name, config=config, output_loading_info=True, use_safetensors=True, **safely
            )
        except OSError as error:
            if "safetensors" not in str(error):
                raise
            raise FormatError(
                f"{name!r} has no model.safetensors: weights of text models are read from "
                "safetensors alone. Save it again with save_pretrained."
            ) from error
        missing = tuple(sorted(info["missing_keys"]))
    else:
        module = kind.from_config(config, trust_remote_code=False)
    module = part_that_reads(module).float()
    fill_with_nan(module, missing)
    return Built(module, tokens_of(transformers, name, module, safely), name, missing, "text")


def _kind(transformers: Any, config: Any) -> Any:
    """With the head that predicts words, where the model was saved with one."""
    saved = getattr(config, "architectures", None) or ()
    causal = any(str(each).endswith(_CAUSAL) for each in saved)
    return transformers.AutoModelForCausalLM if causal else transformers.AutoModel


def part_that_reads(module: Any) -> Any:
    """The module itself, or the encoder of one that also writes."""
    config = getattr(module, "config", None)
    return module.get_encoder() if getattr(config, "is_encoder_decoder", False) else module


def tokens_of(transformers: Any, name: str, module: Any, safely: Mapping[str, Any]) -> Tokens:
    """The tokenizer that was saved beside a model.

    Raises
    ------
    FormatError
        If there is none that can be read.
    """
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, use_fast=True, **safely)
    except Exception as error:  # KeyError, ImportError, OSError: there is no end of kinds.
        raise FormatError(
            f"{name!r} has no tokenizer that can be read "
            f"({first_line(error, with_kind=True)}). Save it beside the network: "
            "tokenizer.save_pretrained(folder)."
        ) from error
    # Of a folder without one, transformers makes an empty one.
    if len(tokenizer) <= len(tokenizer.all_special_ids) + 1:
        raise FormatError(
            f"{name!r} has no tokenizer: no vocabulary lies beside the weights. Save it there: "
            "tokenizer.save_pretrained(folder)."
        )
    return Tokens(tokenizer, positions_of(module))


def tokens_given(tokenizer: Any, module: Any, who: str) -> Tokens:
    """The tokenizer that was given for a module of transformers.

    Raises
    ------
    InputError
        If none was.
    """
    if tokenizer is None:
        raise InputError(
            f"{who} reads text, and a module has no tokenizer: give load_network the folder that "
            "it was saved in with its tokenizer, or preprocessing=tokenizer."
        )
    if isinstance(tokenizer, str | Path) or not hasattr(tokenizer, "backend_tokenizer"):
        raise InputError(
            f"{who} reads text: its preprocessing= is a fast tokenizer of transformers, not "
            f"{tokenizer!r:.60}."
        )
    return Tokens(tokenizer, positions_of(module))


def positions_of(module: Any) -> int | None:
    """How many tokens a model has positions for; None where it has no limit."""
    from torch import nn

    for name, each in module.named_modules():
        # RoBERTa counts from behind the index of padding.
        named = name.rpartition(".")[2] == "position_embeddings"
        if named and isinstance(each, nn.Embedding) and each.padding_idx is not None:
            return each.num_embeddings - each.padding_idx - 1
    return getattr(getattr(module, "config", None), "max_position_embeddings", None)
