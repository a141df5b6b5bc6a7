"""What becomes of an opened vein over months: recoil, restenosis, clots, repeated procedures.

How long an opened place stays patent, less than half of its diameter narrowed, follows Weibull's law with a beginning,

    S(t) = exp(-((t - t0) / scale)^shape) after t0 = 1 month, and 1 before it,

fitted to the published patency of tables/patency.csv by site and device; a shape below 1, since most of what closes
does so early, but what grows takes its time: what shuts a vein within the month is a clot. Where a site and device have
one published point the shape is that of all others together. Between the procedure and the day on which half the
diameter is lost the loss grows linearly; that, t0, and every kind of lesion of a site sharing one curve (a torn web may
close again) is `assumed`: no series tells them apart. Arteries have no curve here and stay as they were left.
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
from azygos.errors import InputError, Problem
from azygos.rng import stream
from azygos.therapy.complications import DEATH, clots, device_of
from azygos.therapy.procedure import Stage, read_stage
from azygos.therapy.reading import label
from azygos.units import day, month

__all__ = ["Course", "Event", "Patency", "Published", "curve", "curves", "followed", "published", "site_of"]

MONTH = month / day  # [days]
RESTENOSIS = 0.5  # of diameter
LATE_RECOIL = 0.05  # of what the balloon gained, lost within weeks. assumed
LATE_RECOIL_DAYS = 7.0  # assumed
WORST = 0.6  # of diameter, to which a place grows together that was found wider. assumed
CLOTTED = 0.95  # of area, taken by a clot. assumed
BEGINNING = 1.0  # t0 [months]. assumed
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
        return math.exp(-math.pow(max(0.0, months - BEGINNING) / self.scale, self.shape))

    def time(self, share: float) -> float:
        """Months until only `share` are patent."""
        return BEGINNING + self.scale * math.pow(-math.log(share), 1.0 / self.shape)


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

    log(-log S) = shape (log(t - t0) - log scale) is a line: least squares, each point weighted by the inverse variance
    of its left side, n S log(S)^2 / (1 - S).
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
    """Weight, log(t - t0) and log(-log S)."""
    s = point.patency
    return point.of * s * math.log(s) ** 2 / (1.0 - s), math.log(point.months - BEGINNING), math.log(-math.log(s))


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


def site_of(vessel: str, kind: str) -> str | None:
    """The site of the published series to which a vessel belongs, empty for a vein without one; None: an artery."""
    if kind == "artery":
        return None
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
    vessel: str  # empty of what happens to the whole patient
    what: str  # restenosis, clot, repeated procedure or death
    lesion: int | None = None  # its number in the body

    def __str__(self) -> str:
        return f"day {self.day:.0f}: {self.what}{f', {label(self.vessel)}' if self.vessel else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Episode:
    """One place from a procedure to the next."""

    begin: float  # [days]
    closing: float  # days after `begin` until half its diameter is lost, if nothing hinders
    may_close: bool  # whether it can get so narrow
    clot: float = math.inf  # days after `begin` until it clots

    @property
    def lost(self) -> float:
        """The day on which it is no longer patent."""
        return self.begin + min(self.closing if self.may_close else math.inf, self.clot)

    @property
    def what(self) -> str:
        """By what it is lost."""
        return "clot" if self.begin + self.clot == self.lost else "restenosis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A patient after a procedure: `body(day)` is what can be simulated and looked at on any day.

    With `repeat` a place that is no longer patent at a visit is opened again, as wide as the first time. The same seed
    gives the same course; `seed` is that of the procedure, whose clots are then these. Without a seed nothing clots and
    every place closes on the median day. `Procedure.course` makes the course of a procedure, with its death.
    """

    start: Body
    seed: int | None = 0
    anticoagulation: bool = True
    repeat: bool = False
    visits: tuple[float, ...] = (1.0, 3.0, 6.0, 12.0, 18.0, 24.0, 36.0)  # [months]
    death: float = math.inf  # the day on which it ends

    def body(self, days: float) -> Body:
        """The body on a day after the procedure. Raises InputError for a day that the patient does not live to see."""
        if days > self.death:
            raise InputError(Problem(f"the patient died on day {self.death:.0f}", f"day {days:g}", "name one before"))
        lesions = tuple(self._on(i, lesion, days) for i, lesion in enumerate(self.start.lesions))
        return replace(self.start, lesions=lesions)

    def at(self, seconds: float) -> Body:
        """The body at a time [s] after the procedure."""
        return self.body(seconds / day)

    def is_patent(self, lesion: int, days: float) -> bool:
        """Whether an opened place has stayed so, without a second procedure: primary patency."""
        episodes = self._episodes(lesion)
        return not episodes or (self.start.lesions[lesion].now_diameter < RESTENOSIS and days < episodes[0].lost)

    def events(self, until: float = math.inf) -> tuple[Event, ...]:
        """What happened up to a day, in order; nothing after death."""
        found = [Event(day=self.death, vessel="", what=DEATH)] if self.death < math.inf else []
        for i, lesion in enumerate(self.start.lesions):
            for episode in self._episodes(i):
                found.append(Event(day=episode.lost, vessel=lesion.vessel, what=episode.what, lesion=i))
                if episode.begin > 0.0:
                    again = Event(day=episode.begin, vessel=lesion.vessel, what="repeated procedure", lesion=i)
                    found.append(again)
        last = min(until, self.death)
        return tuple(sorted((e for e in found if e.day <= last and e.day < math.inf), key=lambda event: event.day))

    @property
    def remarks(self) -> tuple[str, ...]:
        """Which lesions have no published curve of their own, and what stands for it."""
        found = []
        for lesion in self.start.lesions:
            device, site = device_of(lesion), site_of(lesion.vessel, self.start.kinds[lesion.vessel])
            if device and site is None:
                found.append(f"{label(lesion.vessel)}: no published curve of arteries here; it stays as it was left")
            elif device and (site, device) not in curves():
                other = STAND_IN[device]
                found.append(f"{label(lesion.vessel)}: no published curve of a {device} there; that of {other} "
                             f"{device}s stands for it")  # fmt: skip
        return tuple(dict.fromkeys(found))

    def beyond(self, days: float) -> tuple[str, ...]:
        """Of which lesions the published curve ends before a day, so that only its law speaks for that."""
        found = []
        for lesion in self.start.lesions:
            device, site = device_of(lesion), site_of(lesion.vessel, self.start.kinds[lesion.vessel])
            if not device or site is None:
                continue
            key = (site, device) if (site, device) in curves() else (STAND_IN[device], device)
            last = max(point.months for point in published() if (point.site, point.device) == key)
            if days > (last + 0.5) * MONTH:
                found.append(f"{label(lesion.vessel)}: what was published of a {device} ends at {last:g} months; what "
                             "comes later is Weibull's law carried on")  # fmt: skip
        return tuple(dict.fromkeys(found))

    def _episodes(self, index: int) -> list[_Episode]:
        """Of one lesion; none where nothing was done to it, and none of an artery."""
        lesion = self.start.lesions[index]
        device, site = device_of(lesion), site_of(lesion.vessel, self.start.kinds[lesion.vessel])
        if not device or site is None:
            return []
        law = curve(site, device)
        may_close = lesion.now_diameter < RESTENOSIS <= _worst(lesion)
        found: list[_Episode] = []
        for begin in self._begins():
            if found and begin < found[-1].lost:
                continue
            u = self._luck(lesion.vessel, index, len(found))
            clot = math.inf if found else self._clot(index)
            closing = law.time(1.0 - u) * MONTH
            found.append(_Episode(begin=begin, closing=closing, may_close=may_close, clot=clot))
        return found

    def _luck(self, vessel: str, index: int, times: int) -> float:
        if self.seed is None:
            return 0.5
        return float(stream(self.seed, "restenosis", vessel, index, times).uniform())

    def _begins(self) -> Iterator[float]:
        yield 0.0
        if self.repeat:
            yield from (MONTH * visit for visit in sorted(self.visits))

    def _clot(self, index: int) -> float:
        """The day on which a lesion clots, of one whom chance picks."""
        drawn = clots(self.seed, self.start, anticoagulation=self.anticoagulation)
        return next((clot.day for clot in drawn if clot.lesion == index), math.inf)

    def _on(self, index: int, lesion: Stenosis, days: float) -> Stenosis:
        episodes = [episode for episode in self._episodes(index) if episode.begin <= days]
        return _aged(lesion, episodes[-1], days - episodes[-1].begin) if episodes else lesion


def followed(course: Course, days: float, *, numerics: Numerics | None = None) -> Stage:
    """The stage `follow-up`: the body on a day of its course, solved; beside each lesion what happened to it."""
    body = course.body(days)
    happened = {
        body.piece_of(body.lesions[event.lesion]): f"{event.what}, day {event.day:.0f}"
        for event in course.events(days)
        if event.lesion is not None
    }
    return read_stage("follow-up", body, happened, simulate(body, numerics=numerics))


def _worst(lesion: Stenosis) -> float:
    """Narrowing of diameter to which an opened lesion grows at most.

    A vein that was small as a whole grows no thicker than it was found; a wall that was hurt may.
    """
    was = 1.0 - math.sqrt(1.0 - lesion.narrowing)
    return was if lesion.kind == "hypoplasia" and lesion.stent is None else max(was, WORST)


def _aged(lesion: Stenosis, episode: _Episode, days: float) -> Stenosis:
    """An opened lesion so many days after its procedure."""
    if days >= episode.clot:
        return _grown(lesion, max(lesion.now_diameter, 1.0 - math.sqrt(1.0 - CLOTTED)))
    opened, was = lesion.now_diameter, 1.0 - math.sqrt(1.0 - lesion.narrowing)
    if lesion.stent is None and lesion.kind in ("stenosis", "hypoplasia"):
        opened += LATE_RECOIL * max(0.0, was - opened) * (1.0 - math.exp(-days / LATE_RECOIL_DAYS))
    grown = opened + max(0.0, RESTENOSIS - opened) * days / episode.closing
    return _grown(lesion, max(opened, min(grown, _worst(lesion))))


def _grown(lesion: Stenosis, diameter: float) -> Stenosis:
    """The lesion with this narrowing of diameter; in a stent it is tissue within the ring, which narrows as one."""
    area = area_narrowing(diameter)
    if lesion.stent is None:
        return lesion.dilated(area)
    share = (1.0 - diameter) / (1.0 - lesion.now_diameter)
    return lesion.stented(replace(lesion.stent, radius=lesion.stent.radius * share), area)
