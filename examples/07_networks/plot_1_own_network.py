"""
A network of your own, layer by layer
=====================================

Two networks learn the same task from different random weights. Do they
do the same, layer by layer? Any ``torch.nn.Module`` is taken as it is,
and centred kernel alignment (CKA) compares each layer with each other
one.
"""

import matplotlib.pyplot as plt
import numpy as np
from torch import nn

import isocortex as ic

# %%
# A module, stimuli, a matrix
# ---------------------------
# This is a module as one writes them, before it has learnt anything. It
# sees hand-written digits, and will have to tell sixes from nines.


class Reader(nn.Module):
    """Four convolutions and two fully connected layers."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 5, padding=2)
        self.conv2 = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.conv3 = nn.Conv2d(16, 16, 3, stride=2, padding=1)
        self.conv4 = nn.Conv2d(16, 32, 3, stride=2, padding=1)
        self.fc = nn.Linear(512, 20)
        self.digit = nn.Linear(20, 2)

    def forward(self, x):
        for conv in (self.conv1, self.conv2, self.conv3, self.conv4):
            x = conv(x).relu()
        return self.digit(self.fc(x.flatten(1)).relu())


data = ic.datasets.digits69(or_simulated=True)
print(data)

# %%
# Four lines from here to the matrix. CKA is 1 where two layers are the
# same but for a rotation and a scale; the unbiased one is 0 on average
# where they have nothing in common, however many units they have. See
# :func:`isocortex.extract`, :func:`isocortex.similarity` and
# :func:`isocortex.plots.similarity`.

network = ic.load_network(Reader(), weights=None, name="untrained")
store = ic.extract(network, data.stimuli)
cka = ic.similarity(store, store, "cka_unbiased")
ax = ic.plots.similarity(cka, limits=(0, 1))
ax.set_title("random weights", fontsize="medium")
plt.show()

# %%
# Two that have learnt
# --------------------
# Each begins with random weights of its own and sees every other image,
# in an order of its own. They are compared on the images that neither
# has learnt from.

learnt = data.stimuli.take(range(0, 100, 2))
new = data.stimuli.take(range(1, 100, 2))
how = {"epochs": 30, "learning_rate": 0.05, "momentum": 0.9}
stores = []
for seed in (1, 2):
    name = f"network {seed}"
    network = ic.load_network(Reader(), None, seed=seed, name=name)
    ic.train(
        network,
        learnt,
        "digit",
        task="classes",
        batch_size=10,
        seed=seed,
        **how,
    )
    stores.append(ic.extract(network, new))
    scores = stores[-1]["digit"].numpy()
    right = (
        np.where(scores.argmax(1), "six", "nine") == new.table["digit"]
    )
    print(f"{name}: {right.mean():.0%} of new images told, chance 50 %")

# %%
# Left, the layers of one network with each other; right, with those
# of the other. The task shapes what lies near the output: these layers
# part from the early ones, and are alike in both networks. (On
# simulated digits, blobs above or below the middle, all layers are.)

inside = ic.similarity(stores[0], stores[0], "cka_unbiased")
between = ic.similarity(stores[0], stores[1], "cka_unbiased")
figure, (left, right) = plt.subplots(
    1, 2, figsize=(8, 3.6), layout="constrained"
)
ic.plots.similarity(inside, limits=(0, 1), ax=left)
ic.plots.similarity(between, limits=(0, 1), ax=right)
left.set_title("within network 1", fontsize="medium")
right.set_title("between the two", fontsize="medium")
right.set(xlabel="network 2", ylabel="network 1")
plt.show()

# %%
# As numbers: which layer of the other network is most like each layer?

table = between.table()
best = table.loc[table.groupby("layer", sort=False)["score"].idxmax()]
print(
    best[["layer", "other_layer", "score"]]
    .round(2)
    .to_string(index=False)
)

# %%
# With a brain in place of the second store, ``similarity(store,
# brain)`` compares layers with regions by the same measures.
