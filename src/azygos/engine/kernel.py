"""The C++ kernel seen from Python: its arrays, and `advance`.

The kernel is a shared library with a C interface, loaded with ctypes; it allocates nothing. The names
and extents of its arrays are asked from the library itself, so they are written down once
(`kernel/circuit.hpp`). Every number is `width` doubles: 1 for one patient, 8 for eight patients side
by side, 9 for a value and its derivative along eight directions.
"""

import ctypes
import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DUAL", "LANES", "ONE", "Advance", "Fate", "Kernel", "Lane", "Record", "aligned", "build_name", "choose_build",
    "library",
]  # fmt: skip

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]

ONE, LANES, DUAL = 1, 8, 9
_ALIGNMENT = 64
_RECORDED = ("pressure", "area", "flow", "head", "link_flow", "opening", "volume")
_SUMMED = ("pressure", "flow", "size", "head", "link_flow")


class _Fate(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_int) for name in ("lost_step", "lost_slot", "lost_store", "repeated"))


class _Record(ctypes.Structure):
    _fields_ = (
        ("every", ctypes.c_int),
        *((name, ctypes.c_void_p) for name in _RECORDED),
        *((f"sum_{name}", ctypes.c_void_p) for name in _SUMMED),
    )


@cache
def _circuit_type(extents: tuple[str, ...], arrays: tuple[str, ...]) -> type[ctypes.Structure]:
    """`struct Circuit` of the kernel: its extents, then pointers to its arrays."""
    fields = [*((name, ctypes.c_int) for name in extents), *((name, ctypes.c_void_p) for name in arrays)]
    return type("Circuit", (ctypes.Structure,), {"_fields_": fields})


@cache
def library() -> ctypes.CDLL:
    suffix = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
    library = ctypes.CDLL(str(Path(__file__).parents[1] / "kernel" / f"_kernel{suffix}"))
    library.azygos_layout.restype = ctypes.c_char_p
    library.azygos_choose.restype = ctypes.c_char_p
    library.azygos_choose.argtypes = [ctypes.c_char_p]
    wanted = os.environ.get("AZYGOS_KERNEL")
    if library.azygos_choose(wanted.encode() if wanted else None) is None:
        raise ImportError(f"AZYGOS_KERNEL={wanted} is not a build that runs on this processor")
    return library


def choose_build(name: str | None) -> str | None:
    """Use the named build (`x86-64-v3`), or the best for this processor; None if it cannot run here."""
    chosen: bytes | None = library().azygos_choose(name.encode() if name else None)
    return None if chosen is None else chosen.decode()


def build_name() -> str:
    """The best build for this processor."""
    return choose_build(None) or ""


@cache
def _layout() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(library().azygos_layout(part).decode().split()) for part in range(5))


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one lane: the step and slot or store in which it was lost, if any; steps done again."""

    lost_step: int | None
    lost_slot: int | None
    lost_store: int | None
    repeated: int


@dataclass(frozen=True, slots=True)
class Record:
    """Samples, each array (samples, places, width)."""

    pressure: Floats
    area: Floats
    flow: Floats
    head: Floats
    link_flow: Floats
    opening: Floats
    volume: Floats

    def first(self, samples: int) -> "Record":
        """The first samples alone (views)."""
        return Record(**{name: getattr(self, name)[:samples] for name in _RECORDED})

    def thinned(self, stride: int) -> "Record":
        """Every `stride`-th sample, the last of each group (views)."""
        return Record(**{name: getattr(self, name)[stride - 1 :: stride] for name in _RECORDED})


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the samples, each array (places, width); zero of dual numbers."""

    samples: int
    pressure: Floats
    flow: Floats
    size: Floats  # of the flow's magnitude
    head: Floats
    link_flow: Floats


@dataclass(frozen=True, slots=True)
class Advance:
    record: Record
    sums: Sums
    fates: tuple[Fate, ...]


def _longest_tile(topology: Mapping[str, Ints]) -> int:
    """Slots of the longest tile, with the slot before it and the one after."""
    first, cells, tile = topology["first"], topology["cells"], topology["tile"]
    ends = first[tile[1:] - 1] + cells[tile[1:] - 1] + 1
    return int(np.max(ends - first[tile[:-1]], initial=0)) + 2


def _aligned(count: int) -> Floats:
    raw = np.zeros(count + _ALIGNMENT // 8)
    shift = (-raw.ctypes.data % _ALIGNMENT) // 8
    return raw[shift : shift + count]


def aligned(shape: tuple[int, ...]) -> Floats:
    """Zeros where the kernel can read lanes."""
    return _aligned(math.prod(shape)).reshape(shape)


class Kernel:
    """A compiled circulation with the arrays of one patient or one batch.

    `kernel["area"]` is a view, shape (places, width). `kernel.state` is one flat array with all that
    changes from step to step.
    """

    def __init__(self, topology: Mapping[str, Ints], extents: Mapping[str, int], width: int) -> None:
        names, arrays, *parts = _layout()
        self.width = width
        self.extents = {name: extents[name] for name in names}
        counts = {**self.extents, "one": 1, "tiles_1": extents["tiles"] + 1, "free_nodes_1": extents["free_nodes"] + 1}
        counts["tile"] = _longest_tile(topology)
        self._topology = {}
        for entry in arrays:
            name, extent = entry.split(":")
            array = np.ascontiguousarray(topology[name], dtype=np.int32)
            if array.shape != (counts[extent],):
                raise ValueError(f"{name} has shape {array.shape}, expected ({counts[extent]},)")
            self._topology[name] = array
        self._circuit = _circuit_type(names, tuple(self._topology))(
            *self.extents.values(), *(array.ctypes.data for array in self._topology.values())
        )

        self._fields: dict[str, Floats] = {}
        blocks = []
        for part in parts:
            entries = [entry.split(":") for entry in part]
            sizes = {name: counts[e] + (e == "slots") for name, e in entries if e in counts}
            block = _aligned(sum(sizes.values()) * width)
            blocks.append(block)
            offset = 0
            for name, size in sizes.items():
                self._fields[name] = block[offset * width : (offset + size) * width].reshape(size, width)
                offset += size
            self._fields |= {name: self._fields[other] for name, other in entries if other not in counts}
        order = [entry.split(":")[0] for part in parts for entry in part]
        self.state = blocks[0]
        self.blocks = blocks
        starts = {entry.split(":")[0]: self._fields[entry.split(":")[0]] for entry in parts[0]}
        self._places = {
            name: slice(begin, begin + len(field))
            for name, field in starts.items()
            for begin in [(field.ctypes.data - self.state.ctypes.data) // (8 * width)]
        }
        self._spare = _aligned(2 * self.state.size + self.extents["signals"] * width)
        self._pointers = (ctypes.c_void_p * len(self._fields))(*(self._fields[name].ctypes.data for name in order))
        self._record: Record | None = None
        self._sums = self._no_sums()

    def __getitem__(self, name: str) -> Floats:
        return self._fields[name]

    def place(self, name: str) -> slice:
        """Where among the places of `state` those of a state array lie."""
        return self._places[name]

    @property
    def lanes(self) -> int:
        return self.width if self.width == LANES else 1

    @property
    def every_lane(self) -> int:
        """A bit for each lane."""
        return (1 << self.lanes) - 1

    def _samples(self, samples: int) -> Record:
        sizes = {"head": self.extents["nodes"], "volume": self.extents["stores"]}
        sizes |= dict.fromkeys(("link_flow", "opening"), self.extents["links"])
        shapes = {name: (samples, sizes.get(name, self.extents["slots"]), self.width) for name in _RECORDED}
        if self._record is None or self._record.pressure.shape != shapes["pressure"]:
            self._record = Record(**{name: np.full(shape, np.nan) for name, shape in shapes.items()})
        return self._record

    def no_record(self) -> Record:
        """A record without samples."""
        return (self._record or self._samples(0)).first(0)

    def _no_sums(self) -> dict[str, Floats]:
        sizes = {"head": self.extents["nodes"], "link_flow": self.extents["links"]}
        return {name: aligned((sizes.get(name, self.extents["slots"]), self.width)) for name in _SUMMED}

    def advance(self, signals: Floats, *, every: int = 1, fresh: int = 0, recorded: bool = True) -> Advance:
        """Advance by one step per row of `signals` after the first, summing and recording each `every` steps.

        `signals` has shape (steps + 1, signals, width), its first row at the present time. A bit of `fresh` says that
        the past in the state of a lane means nothing. The arrays of record and sums are reused by the next call.
        """
        steps = signals.shape[0] - 1
        if signals.shape[1:] != (self.extents["signals"], self.width) or not signals.flags.c_contiguous:
            raise ValueError(f"signals have shape {signals.shape}")
        if signals.size and signals.ctypes.data % _ALIGNMENT and self.width == LANES:
            copy = aligned(signals.shape)
            copy[...] = signals
            signals = copy
        samples = steps // every
        record = self._samples(samples) if recorded else self.no_record()
        kept = (getattr(record, name).ctypes.data if recorded else None for name in _RECORDED)
        for total in self._sums.values():
            total.fill(0.0)
        summed = (None if self.width == DUAL else total.ctypes.data for total in self._sums.values())
        target = _Record(every, *kept, *summed)
        fates = (_Fate * self.lanes)(*(_Fate(-1, -1, -1, 0) for _ in range(self.lanes)))
        library().azygos_advance(
            self.width, ctypes.byref(self._circuit), self._pointers,
            ctypes.c_void_p(self.state.ctypes.data), ctypes.c_void_p(self._spare.ctypes.data),
            self.state.size // self.width, ctypes.c_void_p(signals.ctypes.data), steps, int(fresh),
            ctypes.byref(target), fates,
        )  # fmt: skip
        return Advance(record, Sums(samples, **self._sums), tuple(_fate(fate) for fate in fates))


def _fate(fate: _Fate) -> Fate:
    def some(index: int) -> int | None:
        return index if index >= 0 else None

    return Fate(some(fate.lost_step), some(fate.lost_slot), some(fate.lost_store), fate.repeated)


class Lane:
    """One patient's place in a kernel: a column of its arrays."""

    def __init__(self, kernel: Kernel, index: int = 0) -> None:
        self.kernel, self.index = kernel, index
        self.state = kernel.state.reshape(-1, kernel.width)[:, index]  # a view

    def __getitem__(self, name: str) -> Floats:
        """A view, (places,)."""
        return self.kernel[name][:, self.index]

    def place(self, name: str) -> slice:
        """Where in `state` the values of a state array lie."""
        return self.kernel.place(name)

    def clear(self) -> None:
        """Wipe out whoever was there."""
        for block in self.kernel.blocks:
            block.reshape(-1, self.kernel.width)[:, self.index] = 0.0
