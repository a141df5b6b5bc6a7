"""What becomes of an opened vein over months: recoil, restenosis, clots, repeated procedures.

How long an opened place stays patent, less than half of its diameter narrowed, follows Weibull's law,

    S(t) = exp(-(t / scale)^shape),

fitted to the published patency of tables/patency.csv by site and device; a shape below 1, since most of what closes
does so early. Where a site and device have one published point the shape is that of all others together. Between the
procedure and the day on which half the diameter is lost the loss grows linearly; that, and every kind of lesion of a
site sharing one curve, is `assumed`: no series tells them apart.
"""

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from azygos.body.body import Body
from azygos.body.lesion import Stenosis, area_narrowing
from azygos.engine.solve import Numerics, simulate
from azygos.rng import stream
from azygos.therapy.complications import rates
from azygos.therapy.procedure import Stage, read_stage
from azygos.units import day

__all__ = ["Course", "Event", "Patency", "Published", "curve", "curves", "followed", "published", "site_of"]

MONTH = 30.4375  # [days]
RESTENOSIS = 0.5  # of diameter
LATE_RECOIL = 0.05  # of what the balloon gained, lost within weeks. assumed
LATE_RECOIL_DAYS = 7.0  # assumed
WORST = 0.6  # of diameter, to which a place grows together that was found wider. assumed
CLOTTED = 0.95  # of area, taken by a clot. assumed
CLOT_DAYS = 30.0  # within which a clot comes: the 30 days of the series
WITHOUT_ANTICOAGULATION = 2.0  # times the rate of clots; in the series all had it for weeks. assumed
SITES = {"ijv": "jugular", "azygos": "azygos", "hemiazygos": "azygos", "brachiocephalic": "central",
         "subclavian": "central", "svc": "central", "iliac": "iliac"}  # fmt: skip
# Whose curve stands for a site and device of which none is published. assumed
STAND_IN = {"balloon": "central", "stent": "iliac"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A point of a published patency curve."""

    site: str
    device: str  # balloon or stent
    months: float
    patency: float
    of: int
    given: tuple[float, float] | None  # the publication's own interval
    source: str

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """As published, else of Clopper and Pearson for so many of so many."""
        from scipy.stats import beta

        if self.given:
            return self.given
        patent, tail = round(self.patency * self.of), 0.5 * (1.0 - level)
        low = beta.ppf(tail, patent, self.of - patent + 1) if patent else 0.0
        high = beta.ppf(1.0 - tail, patent + 1, self.of - patent) if patent < self.of else 1.0
        return float(low), float(high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patency:
    """Weibull's law of one site and device."""

    scale: float  # [months]
    shape: float

    def at(self, months: float) -> float:
        """Share that is patent."""
        return math.exp(-math.pow(months / self.scale, self.shape))

    def time(self, share: float) -> float:
        """Months until only `share` are patent."""
        return self.scale * math.pow(-math.log(share), 1.0 / self.shape)


@cache
def published() -> tuple[Published, ...]:
    """The points of tables/patency.csv."""
    text = resources.files("azygos.therapy").joinpath("tables/patency.csv").read_text(encoding="utf-8")
    return tuple(
        Published(
            site=row["site"],
            device=row["device"],
            months=float(row["months"]),
            patency=float(row["patency"]),
            of=int(row["of"]),
            given=(float(row["low"]), float(row["high"])) if row["low"] else None,
            source=row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )


@cache
def curves() -> Mapping[tuple[str, str], Patency]:
    """The law of every published site and device.

    log(-log S) = shape (log t - log scale) is a line: least squares, each point weighted by the inverse variance of its
    left side, n S log(S)^2 / (1 - S).
    """
    groups: dict[tuple[str, str], list[Published]] = {}
    for point in published():
        groups.setdefault((point.site, point.device), []).append(point)
    shapes = {key: _shape([points]) for key, points in groups.items() if len(points) > 1}
    together = _shape([points for points in groups.values() if len(points) > 1])
    found = {}
    for key, points in groups.items():
        shape = shapes.get(key, together)
        _, x, y = _centre(points)
        found[key] = Patency(scale=math.exp(x - y / shape), shape=shape)
    return found


def _line(point: Published) -> tuple[float, float, float]:
    """Weight, log t and log(-log S)."""
    s = point.patency
    return point.of * s * math.log(s) ** 2 / (1.0 - s), math.log(point.months), math.log(-math.log(s))


def _centre(points: list[Published]) -> tuple[float, float, float]:
    lines = [_line(point) for point in points]
    weight = sum(w for w, _, _ in lines)
    return weight, sum(w * x for w, x, _ in lines) / weight, sum(w * y for w, _, y in lines) / weight


def _shape(groups: list[list[Published]]) -> float:
    """The slope that curves of these groups have in common, each about its own middle."""
    over = under = 0.0
    for points in groups:
        _, middle, height = _centre(points)
        for w, x, y in map(_line, points):
            over += w * (x - middle) * (y - height)
            under += w * (x - middle) ** 2
    return over / under


def site_of(vessel: str, kind: str) -> str:
    """The site of the published series to which a vessel belongs; empty where there is none."""
    if kind == "sinus":
        return "sinus"
    return next((site for word, site in SITES.items() if word in vessel.split("_")), "")


def curve(site: str, device: str) -> Patency:
    """The law of a site and device, or of what stands for it."""
    known = curves()
    return known.get((site, device)) or known[STAND_IN[device], device]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    day: float
    vessel: str
    what: str  # restenosis, clot or repeated procedure

    def __str__(self) -> str:
        return f"day {self.day:.0f}: {self.what}, {self.vessel}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Episode:
    """One place from a procedure to the next."""

    begin: float  # [days]
    closing: float  # days after `begin` until half its diameter is lost
    clot: float = math.inf  # days after `begin` until it clots

    @property
    def lost(self) -> float:
        """The day on which it is no longer patent."""
        return self.begin + min(self.closing, self.clot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A patient after a procedure: `body(day)` is what can be simulated and looked at on any day.

    With `repeat` a place that is no longer patent at a visit is opened again, as wide as the first time. The same seed
    gives the same course; `seed` is that of the procedure, whose clots are then these.
    """

    start: Body
    seed: int = 0
    anticoagulation: bool = True
    repeat: bool = False
    visits: tuple[float, ...] = (1.0, 3.0, 6.0, 12.0, 18.0, 24.0, 36.0)  # [months]

    def body(self, days: float) -> Body:
        """The body on a day after the procedure."""
        lesions = tuple(self._on(i, lesion, days) for i, lesion in enumerate(self.start.lesions))
        return replace(self.start, lesions=lesions)

    def at(self, seconds: float) -> Body:
        """The body at a time [s] after the procedure."""
        return self.body(seconds / day)

    def is_patent(self, lesion: int, days: float) -> bool:
        """Whether an opened place has stayed so, without a second procedure: primary patency."""
        episodes = self._episodes(lesion)
        return not episodes or days < episodes[0].lost

    def events(self, until: float = math.inf) -> tuple[Event, ...]:
        """What happened up to a day, in order."""
        found = []
        for i, lesion in enumerate(self.start.lesions):
            for episode in self._episodes(i):
                what = "clot" if episode.clot < episode.closing else "restenosis"
                found.append(Event(day=episode.lost, vessel=lesion.vessel, what=what))
                if episode.begin > 0.0:
                    found.append(Event(day=episode.begin, vessel=lesion.vessel, what="repeated procedure"))
        return tuple(sorted((e for e in found if e.day <= until), key=lambda event: event.day))

    def _episodes(self, index: int) -> list[_Episode]:
        """Of one lesion; none where nothing was done to it."""
        lesion = self.start.lesions[index]
        if lesion.residual is None and lesion.stent is None:
            return []
        device = "stent" if lesion.stent else "balloon"
        law = curve(site_of(lesion.vessel, self.start.kinds[lesion.vessel]), device)
        found: list[_Episode] = []
        for begin in self._begins():
            if found and begin < found[-1].lost:
                continue
            u = float(stream(self.seed, "restenosis", lesion.vessel, index, len(found)).uniform())
            clot = math.inf if found else self._clot(index, device)
            found.append(_Episode(begin=begin, closing=max(1.0, law.time(1.0 - u) * MONTH), clot=clot))
        return found

    def _begins(self) -> Iterator[float]:
        yield 0.0
        if self.repeat:
            yield from (MONTH * visit for visit in sorted(self.visits))

    def _clot(self, index: int, device: str) -> float:
        """The day on which a lesion clots, of one with this device whom chance picks; rates are those of patients."""
        rate = rates()["stent thrombosis" if device == "stent" else "treated-vein thrombosis"]
        chance = rate.mean * (1.0 if self.anticoagulation else WITHOUT_ANTICOAGULATION)
        if stream(self.seed, "complication", rate.event).uniform() >= chance:
            return math.inf
        alike = [i for i, lesion in enumerate(self.start.lesions) if _device(lesion) == device]
        rng = stream(self.seed, "clot", device)
        return float(rng.uniform(0.0, CLOT_DAYS)) if alike[int(rng.integers(len(alike)))] == index else math.inf

    def _on(self, index: int, lesion: Stenosis, days: float) -> Stenosis:
        episodes = [episode for episode in self._episodes(index) if episode.begin <= days]
        return _aged(lesion, episodes[-1], days - episodes[-1].begin) if episodes else lesion


def followed(course: Course, days: float, *, numerics: Numerics | None = None) -> Stage:
    """The stage `follow-up`: the body on a day of its course, solved; beside each lesion what happened to it."""
    body = course.body(days)
    happened: dict[str, str] = {}
    for event in course.events(days):
        for lesion in body.lesions:
            if lesion.vessel == event.vessel:
                happened[body.piece_of(lesion)] = f"{event.what}, day {event.day:.0f}"
    return read_stage("follow-up", body, happened, simulate(body, numerics=numerics))


def _device(lesion: Stenosis) -> str:
    return "stent" if lesion.stent else "" if lesion.residual is None else "balloon"


def _aged(lesion: Stenosis, episode: _Episode, days: float) -> Stenosis:
    """An opened lesion so many days after its procedure."""
    if days >= episode.clot:
        return _grown(lesion, max(lesion.now_diameter, 1.0 - math.sqrt(1.0 - CLOTTED)))
    opened, found = lesion.now_diameter, lesion.narrowing
    was = 1.0 - math.sqrt(1.0 - found)
    if lesion.stent is None and lesion.kind in ("stenosis", "hypoplasia"):
        opened += LATE_RECOIL * max(0.0, was - opened) * (1.0 - math.exp(-days / LATE_RECOIL_DAYS))
    grown = opened + max(0.0, RESTENOSIS - opened) * days / episode.closing
    # A vein that was small as a whole grows no thicker than it was found; a wall that was hurt may.
    worst = was if lesion.kind == "hypoplasia" and lesion.stent is None else max(was, WORST)
    return _grown(lesion, max(opened, min(grown, worst)))


def _grown(lesion: Stenosis, diameter: float) -> Stenosis:
    """The lesion with this narrowing of diameter; in a stent it is tissue within the ring, which narrows as one."""
    area = area_narrowing(diameter)
    if lesion.stent is None:
        return lesion.dilated(area)
    share = (1.0 - diameter) / (1.0 - lesion.now_diameter)
    return lesion.stented(replace(lesion.stent, radius=lesion.stent.radius * share), area)
