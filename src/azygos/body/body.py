"""A person's circulation: the healthy network, the lesions in it, and the posture."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from azygos.body import lesion as lesions_of
from azygos.body.lesion import Piece, Stenosis
from azygos.body.network import Network
from azygos.body.posture import tilt
from azygos.body.reference import kinds, places, reference_network
from azygos.body.steady import initial_volumes
from azygos.errors import InputError, Problem, close_matches
from azygos.units import litre

__all__ = ["POSTURES", "Body", "Site"]

POSTURES: Mapping[str, float] = MappingProxyType({"supine": 0.0, "upright": 90.0})  # [degrees], head up


class Site(NamedTuple):
    """A place in a network: a vessel, and the fraction of its length from its start."""

    vessel: str
    fraction: float


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Body:
    """One person. Frozen: `with_lesion`, `replacing` and `with_posture` return another.

    `network` is what the engine solves: the healthy supine circulation, tilted, with the lesions cut in.
    """

    name: str
    healthy: Network  # supine
    places: Mapping[str, tuple[float, float]]  # of the healthy nodes, seen from in front: x, y [m]
    kinds: Mapping[str, str]  # of the healthy vessels: artery, vein or sinus
    lesions: tuple[Stenosis, ...] = ()
    posture_degrees: float = 0.0
    network: Network = field(init=False)

    def __post_init__(self) -> None:
        tilted = tilt(self.healthy, self.places, self.posture_degrees) if self.posture_degrees else self.healthy
        object.__setattr__(self, "network", lesions_of.apply(tilted, self.lesions))

    @classmethod
    def reference(cls) -> "Body":
        """The reference adult, lying, without a lesion."""
        return cls(name="reference adult", healthy=reference_network(), places=dict(places()), kinds=dict(kinds()))

    def with_lesion(self, *lesions: str | Stenosis) -> "Body":
        """This body with lesions more, each a Stenosis or a text such as `ijv_r: 80 % area at 0.5, 20 mm`.

        Raises InputError with every problem of all of them at once.
        """
        texts = [lesion for lesion in lesions if isinstance(lesion, str)]
        read = iter(lesions_of.parse_lesions(texts, self.lengths))
        more = tuple(next(read) if isinstance(lesion, str) else lesion for lesion in lesions)
        return replace(self, lesions=self.lesions + more)

    def replacing(self, old: Stenosis, new: Stenosis) -> "Body":
        """This body with the lesion `old` as `new`, as after a balloon or a stent."""
        if old not in self.lesions:
            known = "; ".join(str(lesion) for lesion in self.lesions) or "none"
            raise InputError(Problem("the body has no such lesion", f"lesion '{old}'", f"it has: {known}"))
        return replace(self, lesions=tuple(new if lesion == old else lesion for lesion in self.lesions))

    def with_posture(self, posture: str | float) -> "Body":
        """This body tilted head up: `supine`, `upright`, or degrees from 0 to 90."""
        if isinstance(posture, str):
            if posture not in POSTURES:
                raise InputError(Problem(f"no posture '{posture}'", remedy=close_matches(posture, POSTURES)))
            posture = POSTURES[posture]
        if not 0.0 <= posture <= 90.0:
            raise InputError(Problem(f"a posture of {posture:g} degrees is not between 0 and 90"))
        return replace(self, posture_degrees=float(posture))

    @property
    def lengths(self) -> dict[str, float]:
        """Length [m] of every vessel, lesions left aside."""
        return {vessel.name: vessel.length for vessel in self.healthy.vessels}

    @property
    def arteries(self) -> tuple[str, ...]:
        """The network's arteries, pieces counted singly."""
        return self._of_kind("artery")

    @property
    def veins(self) -> tuple[str, ...]:
        """The network's veins, sinuses apart, pieces counted singly."""
        return self._of_kind("vein")

    @property
    def sinuses(self) -> tuple[str, ...]:
        """The network's dural sinuses, pieces counted singly."""
        return self._of_kind("sinus")

    def _of_kind(self, kind: str) -> tuple[str, ...]:
        return tuple(v.name for v in self.network.vessels if self.kinds[v.name.partition(".")[0]] == kind)

    @property
    def blood_volume(self) -> float:
        """Blood in the initial state [m3], which the closed loop keeps."""
        volumes = initial_volumes(self.network)
        return sum(volumes.values()) - sum(volumes[s.name] for s in self.network.stores if not s.is_blood)

    @property
    def drawing(self) -> dict[str, tuple[float, float]]:
        """Where each of the network's nodes is drawn, seen from in front: x to the patient's left, y up [m]."""
        drawn = dict(self.places)
        parts = {vessel.name: vessel for vessel in self.network.vessels}
        for vessel in self.healthy.vessels:
            (x0, y0), (x1, y1) = self.places[vessel.start], self.places[vessel.end]
            for piece in self.pieces(vessel.name):
                part = parts[piece.name]
                for node, s in ((part.start, piece.start), (part.end, piece.end)):
                    drawn.setdefault(node, (x0 + (x1 - x0) * s, y0 + (y1 - y0) * s))
        return drawn

    def pieces(self, vessel: str) -> tuple[Piece, ...]:
        """The pieces of a healthy vessel in the network, from upstream to downstream; itself if it has no lesion."""
        lengths = self.lengths
        if vessel not in lengths:
            raise InputError(Problem(f"no vessel '{vessel}'", remedy=close_matches(vessel, lengths)))
        return lesions_of.pieces(vessel, lengths[vessel], self.lesions)

    def site(self, vessel: str, fraction: float) -> Site:
        """Where the network holds the place at `fraction` of a healthy vessel's length."""
        piece = next(piece for piece in self.pieces(vessel) if fraction <= piece.end or piece.end == 1.0)
        return Site(piece.name, (fraction - piece.start) / (piece.end - piece.start))

    def above(self, vessel: str) -> Site:
        """Upstream of the vessel's lesions, three quarters of the way to the first; a quarter along, if it has none."""
        first = self.pieces(vessel)[0]
        if first.lesion is not None:
            return Site(first.name, 0.0)
        return Site(first.name, 0.25 if first.end == 1.0 else 0.75)

    def below(self, vessel: str) -> Site:
        """Downstream of the vessel's lesions, a quarter behind the last; three quarters along, if it has none."""
        last = self.pieces(vessel)[-1]
        if last.lesion is not None:
            return Site(last.name, 1.0)
        return Site(last.name, 0.75 if last.start == 0.0 else 0.25)

    def piece_of(self, lesion: Stenosis) -> str:
        """The name of a lesion's own piece, such as `ijv_r.lesion`."""
        return next(piece.name for piece in self.pieces(lesion.vessel) if piece.lesion == lesion)

    def __repr__(self) -> str:
        posture = next((name for name, angle in POSTURES.items() if angle == self.posture_degrees), None)
        whole = Counter(self.kinds.values())
        stores = [store.name for store in self.network.stores]
        beds = sum(name.endswith(".arteriole") for name in stores)
        rows = [
            f"{whole['artery']} arteries, {whole['vein']} veins, {whole['sinus']} sinuses",
            f"{beds} beds, heart, lungs, skull",
            f"{self.blood_volume / litre:.2f} L of blood, {60.0 / self.network.period:g} beats a minute",
            "lesions" if self.lesions else "no lesions",
        ]
        lines = [f"Body '{self.name}', {posture or f'tilted {self.posture_degrees:g} degrees head up'}"]
        lines += [f"├── {row}" for row in rows[:-1]] + [f"└── {rows[-1]}"]
        last = len(self.lesions) - 1
        lines += [f"    {'└' if i == last else '├'}── {lesion}" for i, lesion in enumerate(self.lesions)]
        return "\n".join(lines)
