"""The noun Store: a folder with what many layers of one network do for one set of stimuli."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted, listed, suggestion
from isocortex.data.gram import Gram
from isocortex.data.layer_names import Call, LayerName
from isocortex.data.names import Names
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.units import unit_table
from isocortex.display.shown import shown
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.numerics.arrays.products import Products
from isocortex.store.card import of_store
from isocortex.store.damage import Damage, damages
from isocortex.store.frame_rows import frame_names, frame_table
from isocortex.store.gram_files import load_gram
from isocortex.store.layout import state
from isocortex.store.lazy import LazyMatrix
from isocortex.store.record import (
    LayerRecord,
    StoreRecord,
    gram_path,
    layer_path,
    read_layers,
    read_record,
    rows_on_disk,
)


@door
@shown(of_store)
class Store(Mapping[str, Responses]):
    """A mapping from layer names to :class:`Responses`, on disk; made by :func:`extract`.

    A layer is found by the name that it was extracted under, by its module's name and by its
    classic alias. Its values stay on disk until they are indexed. Where only Gram matrices
    were kept, each layer is a :class:`Gram`.

    Parameters
    ----------
    path : path
        A folder that :func:`extract` has written.
    layers : sequence of str, optional
        Only these, in this order and under these names.

    Raises
    ------
    NotFoundError
        If there is no such folder.
    FormatError
        If it is not a store, or files in it are truncated.

    See Also
    --------
    extract : Writes one.
    Responses : What each layer of it is.
    read_features, read_act_h5 : Layers that other programs have written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> images = ic.textures(4, size=(32, 32))
    >>> with TemporaryDirectory() as folder:
    ...     _ = ic.extract(network, images, ["conv1", "linear"], into=f"{folder}/resnet.zarr")
    ...     store = ic.Store(f"{folder}/resnet.zarr")
    ...     print(store.layers, store["linear"].numpy().shape)
    ('conv1', 'linear') (4, 10)
    """

    def __init__(self, path: str | Path, layers: Sequence[str] | None = None):
        self._path: Path | None = Path(path)
        if not self._path.is_dir():
            raise NotFoundError(f"There is no store at {str(path)!r}; extract(into=…) makes one.")
        self._record = read_record(self._path)
        self._layers = {record.name: record for record in read_layers(self._path)}
        self._refuse_damaged(self._path)
        self._held: Mapping[str, Any] | None = None
        if layers is not None:
            self._layers = {name: self._found(name) for name in layers}

    @classmethod
    def in_memory(
        cls,
        record: StoreRecord,
        layers: Sequence[LayerRecord],
        held: Mapping[str, Any],
        names: Iterable[str],
    ) -> "Store":
        """A store without a folder: ``held`` has each module's matrix, or Gram and row sums."""
        store = cls.__new__(cls)
        store._path, store._record, store._held = None, record, held
        store._layers = {layer.name: layer for layer in layers}
        store._layers = {name: store._found(name) for name in names}
        return store

    @property
    def path(self) -> Path | None:
        """The folder; None where all is in memory."""
        return self._path

    @property
    def network(self) -> str:
        """The name of the network that the layers are of."""
        return self._record.network

    @property
    def stimuli(self) -> Names:
        """The names of the stimuli, in the order of the rows."""
        return self._record.stimuli

    @property
    def labels(self) -> Mapping[str, Any]:
        """What is true of all layers."""
        return {"network": self._record.network}

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the activations were made with: weights, preprocessing, pooling, dtype."""
        return self._record.settings

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers, in the order of execution."""
        return tuple(self._layers)

    @property
    def records(self) -> Mapping[str, LayerRecord]:
        """What is known of each layer, such as its shape, without a look at its values."""
        return self._layers

    def only(self, layers: Sequence[str]) -> "Store":
        """The same store with some of its layers."""
        names = [layers] if isinstance(layers, str) else list(layers)
        if self._path is not None:
            return Store(self._path, names)
        held = self._held or {}
        return Store.in_memory(self._record, list(self._layers.values()), held, names)

    def _found(self, name: object) -> LayerRecord:
        if name in self._layers:
            return self._layers[str(name)]
        aliases = self._record.aliases
        for module in (name, aliases.get(str(name))):
            for record in self._layers.values():
                if record.module == module:
                    return record
        modules = [record.module for record in self._layers.values()]
        known = [*self._layers, *modules, *(each for each in aliases if aliases[each] in modules)]
        where = "in memory" if self._path is None else repr(str(self._path))
        raise InputError(
            f"{name!r} is not in the store {where}. {suggestion(name, known)}"
            f"It holds: {listed(self._layers, 20)}."
        )

    def __getitem__(self, name: str) -> Responses:
        # A Gram where only Grams were kept; verbs take both, and the type names the usual case.
        record = self._found(name)
        labels = {"network": self._record.network, "layer": self._label(str(name), record)}
        values = self._values(record)
        if isinstance(values, tuple):
            n_units = record.layout.n_columns
            matrix, vectors = values
            products = Products.of_vectors(matrix, vectors, n_units)
            return Gram.from_products(products, self._names(record), labels)  # type: ignore[return-value]
        units, table = partial(unit_table, record.shape, record.axes), self._record.table
        if record.frames is not None:
            table = frame_table(record.frames, table)
        return Responses(values, self._names(record), units, labels, table)

    def _names(self, record: LayerRecord) -> Sequence[str]:
        """The names of a layer's rows: of stimuli, or of moments in them."""
        if record.frames is None:
            return self.stimuli
        return frame_names(self.stimuli, record.frames["stimulus"].to_numpy())

    def _label(self, name: str, record: LayerRecord) -> LayerName:
        """The name that a layer was asked for by, with its place and its other names."""
        mine = [key for key, each in self._layers.items() if each is record]
        asked = name if name in mine else mine[0]
        aliases = [each for each, module in self._record.aliases.items() if module == record.module]
        others = dict.fromkeys([record.module, *mine, *aliases])
        # A classic name can be another module's own.
        taken = {each.module for each in self._layers.values() if each is not record}
        names = tuple(each for each in others if each != asked and each not in taken)
        return LayerName(asked, [Call(self._record.network, record.order, names)])

    def _values(self, record: LayerRecord) -> Any:
        """A layer's matrix, or the products of its rows and their vectors."""
        if self._path is None:
            return (self._held or {})[record.module]
        kept = gram_path(self._path, record.module)
        if record.grams_only:
            return self._kept(record, kept)
        self._refuse_unfinished(record, self._path)
        folder = layer_path(self._path, record.module)
        return LazyMatrix(folder, record.layout, rows_on_disk(self._record, record), kept)

    def verify(self) -> pd.DataFrame:
        """Read everything in the store and list what is damaged.

        Whatever is read is checked anyway; this is for knowing beforehand, after a disk has
        failed or a store was copied. ``extract(…, overwrite=True)`` does the same, and then
        computes what is damaged anew, and nothing else.

        Returns
        -------
        DataFrame
            One row for each damaged file, none if all is as it was written: ``layer``,
            ``part`` (``"activations"``, ``"gram"`` or ``"description"``), ``first`` and ``last``
            stimulus that is lost with it, ``path`` and ``reason``.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> import isocortex as ic
        >>> network = ic.load_network("cifar10_resnet20", weights=None)
        >>> with TemporaryDirectory() as folder:
        ...     images = ic.textures(4, size=(32, 32))
        ...     store = ic.extract(network, images, ["conv1"], into=f"{folder}/resnet.zarr")
        ...     len(store.verify())
        0
        """
        found = [] if self._path is None else damages(self._path)
        rows = [
            (each.layer, each.part, *self._ends(each), str(each.path), each.reason)
            for each in found
        ]
        return pd.DataFrame(rows, columns=["layer", "part", "first", "last", "path", "reason"])

    def _ends(self, damage: Damage) -> tuple[str, str]:
        """The first and the last stimulus, in their order, that a damage concerns."""
        if damage.part != "activations":
            return self.stimuli[0], self.stimuli[-1]
        if self._record.rows is None:
            # Moments of one stimulus lie side by side.
            each = self._found(damage.layer).layout.n_rows // len(self.stimuli)
            return self.stimuli[damage.rows[0] // each], self.stimuli[damage.rows[-1] // each]
        on_disk = self._record.rows
        lost = [name for name, row in zip(self.stimuli, on_disk, strict=True) if row in damage.rows]
        return lost[0], lost[-1]

    def units(self, name: str) -> pd.DataFrame:
        """One row for each unit of a layer: channel, row, col; token, unit; or unit."""
        record = self._found(name)
        return unit_table(record.shape, record.axes)

    def _kept(self, record: LayerRecord, folder: Path) -> tuple[np.ndarray, np.ndarray]:
        n_rows = len(self.stimuli if record.frames is None else record.frames)
        kept = load_gram(folder, n_rows)
        if kept is None:
            raise FormatError(
                f"The store {str(self._path)!r} lacks the Gram matrix of {record.name!r}: its "
                "extraction was stopped. Run the same extract again."
            )
        return kept

    def _refuse_unfinished(self, record: LayerRecord, path: Path) -> None:
        absent, _ = state(layer_path(path, record.module), record.layout)
        if absent:
            done = record.layout.n_batches - len(absent)
            raise FormatError(
                f"The store {str(self._path)!r} has {done} of {record.layout.n_batches} batches "
                f"of {record.name!r}: its extraction was stopped, or files were lost. Run the "
                "same extract again; it does what is missing."
            )

    def _refuse_damaged(self, path: Path) -> None:
        for record in self._layers.values():
            if record.grams_only:
                continue
            _, damaged = state(layer_path(path, record.module), record.layout)
            if damaged:
                raise FormatError(
                    f"The store {str(self._path)!r} is damaged: {counted(len(damaged), 'file')} of "
                    "the layer "
                    f"{record.name!r} are truncated. Extract again with overwrite=True: what is "
                    "damaged is computed anew, and nothing else."
                )

    def __contains__(self, name: object) -> bool:
        try:
            self._found(name)
        except InputError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def __repr__(self) -> str:
        where = "in memory" if self._path is None else repr(str(self._path))
        return (
            f"Store({where}: {counted(len(self), 'layer')} of {self.network!r}, "
            f"{counted(len(self.stimuli), 'stimulus')})"
        )
