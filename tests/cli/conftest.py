import pytest

from isocortex.cli import main
from isocortex.networks.zoo.torchvision_shim import torchvision


@pytest.fixture
def command(capsys):
    """Run a command: its exit code, what it printed, and what it complained of."""

    def run(*arguments):
        code = 0
        try:
            main([str(each) for each in arguments])
        except SystemExit as stop:
            code = stop.code or 0
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def reader(tmp_path):
    """A small network of text, as transformers saves it."""
    torchvision()  # Before transformers looks for it.
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    whole = Tokenizer(models.WordLevel({"?": 0, "Alice": 1, "was": 2, "tired": 3}, unk_token="?"))
    whole.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=whole, unk_token="?")
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=9, n_embd=8, n_layer=2, n_head=2, n_positions=64, bos_token_id=0, eos_token_id=0
    )
    transformers.GPT2Model(config).save_pretrained(tmp_path / "reader")
    tokenizer.save_pretrained(tmp_path / "reader")
    return tmp_path / "reader"
