"""Lesions: narrowings of a vessel, as data; cutting them into a network.

    ijv_r: 80 % area at 0.5, 20 mm

is a narrowing of the right internal jugular vein that takes 80 % of its area, its middle half way
along the vessel (0 is the upstream end), 20 mm long. `80 % diameter` takes 96 % of the area. A word before the number
says what it is; what differs is less in the network than in how it answers to a balloon and a stent (azygos.therapy):

    stenosis      the wall has thickened inwards; meant where no word stands
    web, valve    a membrane across the vein, or a valve that no longer opens: at most 5 mm long, torn by a balloon
    thrombus      a clot that fills a part of the lumen; the wall is sound
    compression   a pressure instead of a narrowing, `ijv_r: compression 20 mmHg at 0.1, 15 mm`, presses from outside
                  on a vein that is sound in itself: a styloid process, an artery, a hand. The word may be left out
    hypoplasia    the whole vessel is small, `ijv_l: hypoplasia 50 % diameter`: uniformly, so that no place along it
                  stands out. Other lesions of it take their share of the smaller lumen

In the network each is a piece of the vessel with a loss where its jet leaves; a hypoplasia, being the whole vessel, has
no such ends, and a compression narrows by its pressure alone. A lesion is at least 0.5 mm long and leaves at least
0.1 % of the area open: what is shorter is a hole in a plate, of whose jet the one-dimensional model knows nothing, and
what is narrower is an occlusion.
"""

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from azygos.body.network import Expansion, Link, Network, Vessel
from azygos.body.wall import ArteryWall, SinusWall, StentedWall, VeinWall, Wall
from azygos.errors import InputError, Problem, close_matches
from azygos.units import mm, mmHg

__all__ = [
    "KINDS", "MEMBRANES", "Piece", "Stenosis", "Stent", "apply", "area_narrowing", "at_odds", "check",
    "diameter_narrowing", "hypoplasia_of", "misplaced", "mistaken", "pieces", "too_narrow", "too_short", "too_strong",
    "unknown",
]  # fmt: skip

# In the wall; inside the lumen (web, valve, thrombus); from outside; or a whole vein that never grew.
KINDS = ("stenosis", "web", "valve", "thrombus", "compression", "hypoplasia")
JET_RESISTANCE = 1e4  # of the links at a lesion's ends, beside their quadratic loss [Pa s/m3]; 0.0005 mmHg at 6 mL/s
SHORTEST = 0.5 * mm  # lesion
MEMBRANES = ("web", "valve")
LONGEST_MEMBRANE = 5 * mm  # what is longer is a narrowed piece of vein. assumed
LEAST_LUMEN = 1e-3  # of the area; the resistance, as 1 / A^2, is then a million times the vein's. assumed
STRONGEST = 300 * mmHg  # from outside. assumed
SHORTEST_PIECE = 1e-6  # what is shorter than this between a lesion and its vessel's end is no piece [m]


def area_narrowing(diameter: float) -> float:
    """The fraction of area taken by a narrowing that takes the fraction `diameter` of the diameter."""
    return 1.0 - (1.0 - diameter) ** 2


def diameter_narrowing(area: float) -> float:
    """The fraction of diameter taken by a narrowing that takes the fraction `area` of the area."""
    return 1.0 - math.sqrt(1.0 - area)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stent:
    """A stent in place, over the whole of its lesion: a ring at rest at `radius`."""

    radius: float  # [m]
    stiffness: float  # k of p = k [(A/As)^(1/2) - 1] [Pa]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stenosis:
    """A narrowing of a vessel, as it was found and as it is now.

    `narrowing` and `residual` are fractions of the reference area that would be there without it. A
    balloon lowers `residual`; a stent is put beside the wall of the piece. Replace, never change.
    """

    vessel: str
    narrowing: float  # as found, of area, in (0, 1); 0 where the vessel is only pressed on
    at: float  # the middle, as a fraction of the vessel's length from its upstream end
    length: float  # [m]
    residual: float | None = None  # now, of area; None: as found
    stent: Stent | None = None
    pressure: float = 0.0  # from outside, above what surrounds the vessel [Pa]
    kind: str = "stenosis"  # one of KINDS

    @property
    def now(self) -> float:
        """Present narrowing of area."""
        return self.narrowing if self.residual is None else self.residual

    @property
    def now_diameter(self) -> float:
        """Present narrowing of diameter."""
        return diameter_narrowing(self.now)

    def dilated(self, residual: float) -> "Stenosis":
        """This lesion with another present narrowing of area, in [0, 1)."""
        return replace(self, residual=residual)

    def stented(self, stent: Stent, residual: float | None = None) -> "Stenosis":
        """This lesion with a stent and, where given, another present narrowing of area."""
        return replace(self, stent=stent, residual=self.residual if residual is None else residual)

    def __str__(self) -> str:
        taken = f"{self.pressure / mmHg:.4g} mmHg" if self.pressure else f"{100 * self.narrowing:.4g} % area"
        word = "" if self.kind == "stenosis" else f"{self.kind} "
        where = "" if self.kind == "hypoplasia" else f" at {self.at:g}, {self.length / mm:g} mm"
        text = f"{self.vessel}: {word}{taken}{where}"
        if self.residual is not None:
            text += f"; now {100 * self.residual:.3g} % area"
        return text + ("; stented" if self.stent else "")


def too_strong(pressure: float, where: str) -> list[Problem]:
    if 0.0 <= pressure <= STRONGEST:
        return []
    what = f"an outside pressure of {pressure / mmHg:g} mmHg"
    return [Problem(what, where, f"give one from 0 to {STRONGEST / mmHg:g} mmHg")]


def too_narrow(narrowing: float, said: str, where: str) -> list[Problem]:
    if not LEAST_LUMEN - 1e-12 > 1.0 - narrowing > 0.0:
        return []
    what = f"a narrowing of {said} leaves less than {100 * LEAST_LUMEN:g} % of the area open: an occlusion"
    most = 100.0 * (1.0 - LEAST_LUMEN)
    return [Problem(what, where, f"write '{most:g} % area', through which next to nothing flows")]


def too_short(length: float, said: str, where: str) -> list[Problem]:
    if not 0.0 < length < SHORTEST - 1e-12:
        return []
    what = f"a length of {said} is less than {SHORTEST / mm:g} mm: a membrane, for which a vessel is no model"
    return [Problem(what, where, f"write '{SHORTEST / mm:g} mm' or more")]


def mistaken(lesion: Stenosis, where: str) -> list[Problem]:
    """What a lesion of its kind cannot be."""
    if lesion.kind not in KINDS:
        return [Problem(f"no kind of lesion '{lesion.kind}'", where, close_matches(lesion.kind, KINDS))]
    if lesion.kind in MEMBRANES and lesion.length > LONGEST_MEMBRANE + 1e-12:
        what = f"a {lesion.kind} of {lesion.length / mm:g} mm: a membrane is at most {LONGEST_MEMBRANE / mm:g} mm long"
        return [Problem(what, where, "shorten it, or leave out the word: a stenosis")]
    if lesion.kind == "compression" and not (lesion.pressure > 0.0 and lesion.narrowing == 0.0):
        what = "a compression is a pressure from outside on a vein that is sound in itself"
        return [Problem(what, where, "write it like 'compression 20 mmHg'")]
    if lesion.kind not in ("compression", "stenosis") and lesion.pressure > 0.0:
        what = f"a {lesion.kind} takes a share of the lumen, not a pressure"
        return [Problem(what, where, f"write it like '{lesion.kind} 80 % area', or call it a compression")]
    return []


def unknown(vessel: str, lengths: Mapping[str, float], where: str) -> list[Problem]:
    if vessel in lengths:
        return []
    return [Problem(f"no vessel '{vessel}'", where, close_matches(vessel, lengths))]


def misplaced(lesion: Stenosis, lengths: Mapping[str, float], where: str) -> list[Problem]:
    whole = lengths.get(lesion.vessel)
    if whole is None:
        return []
    if lesion.kind == "hypoplasia":
        if math.isclose(lesion.length, whole, rel_tol=1e-6) and math.isclose(lesion.at, 0.5, abs_tol=1e-6):
            return []
        what = f"a hypoplasia is the whole vessel, {whole / mm:.4g} mm, its middle at 0.5"
        return [Problem(what, where, "give it neither place nor length, or leave out the word: a stenosis")]
    if lesion.length >= whole:
        what = f"the lesion is {lesion.length / mm:g} mm long, its vessel {whole / mm:.4g} mm"
        return [Problem(what, where, "shorten the lesion, or write 'hypoplasia' for the whole vessel")]
    half = 0.5 * lesion.length / whole
    if lesion.at - half < -1e-9 or lesion.at + half > 1.0 + 1e-9:
        what = f"the lesion reaches from {lesion.at - half:.3g} to {lesion.at + half:.3g} of the vessel's length"
        return [Problem(what, where, f"put its middle between {half:.3g} and {1.0 - half:.3g}")]
    return []


def check(lesions: Iterable[Stenosis], lengths: Mapping[str, float]) -> list[Problem]:
    """What is wrong with `lesions` in the vessels of `lengths` (name -> length [m]); empty if nothing is."""
    lesions = tuple(lesions)
    problems: list[Problem] = []
    for lesion in lesions:
        where = f"lesion '{lesion}'"
        problems += unknown(lesion.vessel, lengths, where)
        problems += mistaken(lesion, where)
        problems += too_strong(lesion.pressure, where)
        if not 0.0 < lesion.narrowing < 1.0 and not (lesion.narrowing == 0.0 and lesion.pressure > 0.0):
            problems.append(Problem(f"a narrowing of {lesion.narrowing:g} is not between 0 and 1", where))
        if not 0.0 <= lesion.now < 1.0:
            problems.append(Problem(f"a present narrowing of {lesion.now:g} is not between 0 and 1", where))
        if not lesion.length > 0.0:
            problems.append(Problem(f"a length of {lesion.length:g} m is not above zero", where))
        problems += too_narrow(lesion.narrowing, f"{100.0 * lesion.narrowing:.10g} % area", where)
        problems += too_short(lesion.length, f"{lesion.length / mm:.3g} mm", where)
        problems += misplaced(lesion, lengths, where)
    return problems + at_odds(lesions, lengths)


def at_odds(lesions: Iterable[Stenosis], lengths: Mapping[str, float]) -> list[Problem]:
    """Lesions of one vessel that cannot be there together."""
    problems: list[Problem] = []
    for vessel, along in _by_vessel(lesions).items():
        whole = lengths.get(vessel, float("inf"))
        small = [lesion for lesion in along if lesion.kind == "hypoplasia"]
        focal = [lesion for lesion in along if lesion.kind != "hypoplasia"]
        problems += [problem for pair in itertools.pairwise(focal) for problem in _overlap(*pair, whole)]
        for again in small[1:]:
            problems.append(Problem("the whole vessel is small already", f"lesion '{again}'", "give one of the two"))
        problems += [problem for lesion in focal for problem in _closed(lesion, small)]
    return problems


def _overlap(one: Stenosis, other: Stenosis, whole: float) -> list[Problem]:
    """Of two lesions, the one that lies upstream first."""
    if one.at * whole + 0.5 * one.length <= other.at * whole - 0.5 * other.length + 1e-9:
        return []
    return [Problem(f"it overlaps '{other}'", f"lesion '{one}'", "join them into one, or move one of them")]


def _closed(lesion: Stenosis, small: list[Stenosis]) -> list[Problem]:
    """What a lesion and the hypoplasia of its vessel leave open together."""
    if not small or (1.0 - lesion.narrowing) * (1.0 - small[0].narrowing) >= LEAST_LUMEN - 1e-12:
        return []
    what = f"with '{small[0]}' it leaves less than {100 * LEAST_LUMEN:g} % of the area open: an occlusion"
    return [Problem(what, f"lesion '{lesion}'", "let one of them take less")]


def hypoplasia_of(vessel: str, lesions: Iterable[Stenosis]) -> Stenosis | None:
    """The hypoplasia of a vessel, if it has one."""
    return next((lesion for lesion in lesions if lesion.vessel == vessel and lesion.kind == "hypoplasia"), None)


def _by_vessel(lesions: Iterable[Stenosis]) -> dict[str, list[Stenosis]]:
    """Lesions by vessel, each vessel's from upstream to downstream."""
    groups: dict[str, list[Stenosis]] = {}
    for lesion in sorted(lesions, key=lambda lesion: lesion.at):
        groups.setdefault(lesion.vessel, []).append(lesion)
    return groups


# ---------------------------------------------------------------------------------------------------------------
# cutting into a network


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a vessel with lesions: from `start` to `end`, as fractions of the whole vessel's length."""

    name: str
    start: float
    end: float
    lesion: Stenosis | None = None


def pieces(vessel: str, length: float, lesions: Iterable[Stenosis]) -> tuple[Piece, ...]:
    """The pieces into which its lesions cut a vessel of `length` [m], from upstream to downstream.

    `ijv_r.before`, `ijv_r.lesion`, `ijv_r.after`; further lesions are `ijv_r.lesion_2`, ... with
    `ijv_r.between`, `ijv_r.between_2`, ... before them. Without lesions: the vessel itself. A hypoplasia, being the
    whole vessel, cuts nothing: alone it is `ijv_r.lesion`, beside others it has no piece of its own.
    """
    along = _by_vessel(lesion for lesion in lesions if lesion.vessel == vessel).get(vessel, [])
    along = [lesion for lesion in along if lesion.kind != "hypoplasia"] or along
    if not along:
        return (Piece(name=vessel, start=0.0, end=1.0),)
    cut: list[Piece] = []
    last = 0.0
    for i, lesion in enumerate(along):
        half = 0.5 * lesion.length / length
        start, end = max(lesion.at - half, 0.0), min(lesion.at + half, 1.0)
        healthy = "before" if i == 0 else _numbered("between", i)
        if (start - last) * length > SHORTEST_PIECE:
            cut.append(Piece(name=f"{vessel}.{healthy}", start=last, end=start))
        cut.append(Piece(name=f"{vessel}.{_numbered('lesion', i + 1)}", start=start, end=end, lesion=lesion))
        last = end
    if (1.0 - last) * length > SHORTEST_PIECE:
        cut.append(Piece(name=f"{vessel}.after", start=last, end=1.0))
    return tuple(cut)


def _numbered(word: str, number: int) -> str:
    return word if number == 1 else f"{word}_{number}"


def apply(network: Network, lesions: Iterable[Stenosis]) -> Network:
    """The network with its lesions cut in as vessels of their own.

    A lesion's piece has the area A0 (1 - narrowing) and the wall of its vessel, beside it a stent if there is
    one. Where a healthy piece and a lesion meet lies an Expansion, so that the jet is lost
    whichever way blood runs; at the vessel's own ends there is none.

    Raises InputError with every problem of the lesions at once.
    """
    lesions = tuple(lesions)
    problems = check(lesions, {vessel.name: vessel.length for vessel in network.vessels})
    if problems:
        raise InputError(problems)
    if not lesions:
        return network
    vessels: list[Vessel] = []
    jets: list[Link] = []
    ends: dict[str, tuple[str, str]] = {}  # of a vessel that is cut: its first and last piece
    heights, heads = dict(network.heights), dict(network.initial_head)
    afflicted = {lesion.vessel for lesion in lesions}
    for vessel in network.vessels:
        if vessel.name not in afflicted:
            vessels.append(vessel)
            continue
        cut = pieces(vessel.name, vessel.length, lesions)
        small = hypoplasia_of(vessel.name, lesions)
        spliced, losses = _splice(_narrowed(vessel, small) if small else vessel, cut)
        vessels += spliced
        jets += losses
        ends[vessel.name] = (spliced[0].name, spliced[-1].name)
        for piece, part in zip(cut, spliced, strict=True):
            for node, fraction in ((part.start, piece.start), (part.end, piece.end)):
                for values in (heights, heads):
                    low, high = values.get(vessel.start, 0.0), values.get(vessel.end, 0.0)
                    values.setdefault(node, low + (high - low) * fraction)
    return replace(
        network,
        vessels=tuple(vessels),
        links=(*(_joined(link, ends) for link in network.links), *jets),
        heights=heights,
        initial_head=heads,
    )


def _joined(link: Link, ends: Mapping[str, tuple[str, str]]) -> Link:
    """The link, where it names a vessel that was cut, at the piece that now lies beside it."""
    if not isinstance(link, Expansion):
        return link
    before = ends.get(link.before, (link.before,))[-1]
    after = link.after if link.after is None else ends.get(link.after, (link.after,))[0]
    return replace(link, before=before, after=after)


def _splice(vessel: Vessel, cut: tuple[Piece, ...]) -> tuple[list[Vessel], list[Expansion]]:
    """The pieces as vessels, and the losses between them. A loss joins `<piece>.end` to `<next piece>.start`."""
    spliced, jets = [], []
    for i, piece in enumerate(cut):
        start = vessel.start if i == 0 else f"{piece.name}.start"
        end = vessel.end if i == len(cut) - 1 else f"{piece.name}.end"
        spliced.append(_part(vessel, piece, start, end))
    for before, after in itertools.pairwise(spliced):
        jets.append(
            Expansion(
                name=f"{before.name}.to.{after.name}",
                start=before.end,
                end=after.start,
                before=before.name,
                after=after.name,
                resistance=JET_RESISTANCE,
            )
        )
    return spliced, jets


def _part(vessel: Vessel, piece: Piece, start: str, end: str) -> Vessel:
    taper = vessel.radius[1] - vessel.radius[0]
    part = replace(
        vessel,
        name=piece.name,
        start=start,
        end=end,
        length=vessel.length * (piece.end - piece.start),
        radius=(vessel.radius[0] + taper * piece.start, vessel.radius[0] + taper * piece.end),
        wall=_wall_between(vessel.wall, piece.start, piece.end),
    )
    return part if piece.lesion is None or piece.lesion.kind == "hypoplasia" else _narrowed(part, piece.lesion)


def _narrowed(vessel: Vessel, lesion: Stenosis) -> Vessel:
    """A vessel all of which the lesion takes."""
    open_fraction = math.sqrt(1.0 - lesion.now)  # of the radius
    wall = vessel.wall
    if lesion.stent is not None:
        wall = StentedWall(wall=wall, stent_radius=lesion.stent.radius, stiffness=lesion.stent.stiffness)
    return replace(
        vessel,
        radius=(vessel.radius[0] * open_fraction, vessel.radius[1] * open_fraction),
        wall=wall,
        external_pressure=vessel.external_pressure + lesion.pressure,
    )


def _wall_between(wall: Wall, start: float, end: float) -> Wall:
    """The wall of the piece from `start` to `end` of the vessel."""
    match wall:
        case ArteryWall(wave_speed=speed) | VeinWall(wave_speed=speed) | SinusWall(wave_speed=speed):
            change = speed[1] - speed[0]
            return replace(wall, wave_speed=(speed[0] + change * start, speed[0] + change * end))
        case StentedWall():
            return replace(wall, wall=_wall_between(wall.wall, start, end))
        case _:
            return wall
