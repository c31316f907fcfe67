import numpy as np
from torch import nn

import isocortex as ic


def test_stimuli_that_stand_on_another_axis(small, stimuli):
    class Sequence(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.folded, self.head = nn.Identity(), nn.Tanh(), nn.Linear(3, 2)

        def forward(self, x):
            rows = self.first(x.mean(3).permute(2, 0, 1).contiguous() * 2)
            windows = self.folded(x.reshape(2 * len(x), 3, -1)[:, :, :3])
            return self.head(rows.mean(0) + windows.mean(1)[: len(x)])

    network = ic.load_network(Sequence(), preprocessing=small.preprocessing)
    store = ic.extract(network, stimuli, ["first", "folded"], batch_size=4)
    images = np.stack([small.preprocessing(stimuli.read(i)) for i in range(10)])
    expected = images.mean(3).transpose(0, 2, 1) * 2
    np.testing.assert_allclose(
        store["first"].numpy(), expected.reshape(10, -1), rtol=1e-5, atol=1e-6
    )
    expected = np.tanh(images.reshape(10, 2, 3, -1)[..., :3])
    np.testing.assert_allclose(
        store["folded"].numpy(), expected.reshape(10, -1), rtol=1e-5, atol=1e-6
    )
