import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic

RAW = ic.Preprocessing()


def packed(net, maps):
    steps = nn.utils.rnn.pack_sequence(list(maps.flatten(2).transpose(1, 2)))
    return nn.utils.rnn.pad_packed_sequence(net.l(steps)[0], batch_first=True)[0].mean(1)


def over_stimuli(net, maps):
    return net.l(maps.flatten(2).transpose(1, 2))[0].mean(1)


def place_in_batch(net, maps):
    return net.l(maps.mean((2, 3)) + torch.arange(len(maps))[:, None])


def by_number(net, maps):
    return net.l(maps.mean((2, 3)) / len(maps))


def similarities(net, maps):
    flat = maps.flatten(1)
    return net.l(flat @ flat.T).mean(1)


def no_statistics(net, maps):
    return net.l(maps)


MIXING = {
    "packed sequences are unfolded": (packed, nn.LSTM(6, 4, batch_first=True), None),
    "recurrence over stimuli": (over_stimuli, nn.LSTM(6, 4), "depends on how many|other stimuli"),
    "batch statistics": (
        no_statistics,
        nn.BatchNorm2d(6, track_running_stats=False),
        "changes with the other stimuli",
    ),
    "the place in the batch": (place_in_batch, nn.Linear(6, 4), "depends on how many"),
    "the number of stimuli": (by_number, nn.Linear(6, 4), "depends on how many"),
    "stimuli by stimuli": (similarities, nn.Identity(), "no single axis"),
}


@pytest.mark.parametrize("case", MIXING)
def test_rows_that_depend_on_the_batch_are_refused_unless_each_stimulus_is_alone(
    case, images, extracted, net_of
):
    then, module, reason = MIXING[case]
    net = net_of(then, l=module).eval()
    if reason is not None:
        with pytest.raises(ic.InputError, match=rf"cannot give 'l' in batches: .*({reason})"):
            extracted(net, "l")
    got = extracted(net, "l", batch_size=1 if reason else None)
    seen = []
    hook = net.l.register_forward_hook(lambda _m, _i, output: seen.append(output))
    for each in images()[1]:
        net(each[None])
    hook.remove()
    first = [each[0] if isinstance(each, tuple) else each for each in seen]
    alone = [(each[0] if isinstance(each, tuple) else each).flatten() for each in first]
    np.testing.assert_allclose(got, torch.stack(alone).detach(), atol=1e-5)


def test_what_comes_before_the_mixing_is_extracted(images, extracted, net_of):
    net = net_of(no_statistics, l=nn.BatchNorm2d(6, track_running_stats=False)).eval()
    right = net.c(images()[1]).flatten(1).detach()
    np.testing.assert_allclose(extracted(net, "c"), right, atol=1e-5)
    with pytest.raises(ic.InputError, match=r"cannot give 'l' in batches.*batch_size=1"):
        ic.extract(net, images()[0], "all")


def test_a_dynamically_quantized_layer_scales_by_its_batch(images, extracted):
    pytest.importorskip("torch.ao.quantization")
    net = nn.Sequential(nn.Flatten(), nn.Linear(432, 40), nn.Linear(40, 10)).eval()
    with pytest.warns():
        quantized = torch.ao.quantization.quantize_dynamic(net, {nn.Linear})
    with pytest.raises(ic.InputError, match="cannot give '1' in batches"):
        extracted(quantized, "1")
    right = torch.cat([quantized[:2](each[None]) for each in images()[1]])
    np.testing.assert_allclose(extracted(quantized, "1", batch_size=1), right, atol=1e-5)


def test_a_network_that_remembers_earlier_passes_is_refused(extracted, net_of):
    def state(net, maps):
        net.state = getattr(net, "state", 0) + maps.mean().item()
        return net.l(maps.mean((2, 3)) + net.state)

    with pytest.raises(ic.InputError, match="it remembers earlier passes"):
        extracted(net_of(state, l=nn.Linear(6, 4)).eval(), "l")


def test_a_shape_that_depends_on_what_is_shown_is_found_out(net_of):
    def brighter(net, maps):
        return net.l(maps if maps.mean() < 0.5 else maps[:, :, :2])

    net = net_of(brighter, l=nn.Tanh()).eval()
    with torch.no_grad():
        net.c.weight.abs_()
    bright = ic.Stimuli.from_arrays([np.full((3, 12, 12), v, np.float32) for v in (0.9, 1.0)])
    with pytest.raises(ic.InputError, match=r"'l' gave an output of shape \(2, 6, 2, 3\).*depends"):
        ic.extract(ic.load_network(net, preprocessing=RAW), bright, ["l"])
