"""What the operator makes of a venogram and a pull-back: places that look narrow, from recordings alone."""

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from azygos.instruments.recording import Recording, Site
from azygos.therapy.chart import Chart
from azygos.therapy.reading import label
from azygos.units import mm, mmHg

__all__ = ["Narrow", "Span", "both", "narrow_places", "pressure_sites"]

Floats = NDArray[np.float64]

BESIDE = 15 * mm  # from the ends of what looks narrow to where pressure is taken. assumed
NEAR = 50 * mm  # within which a neighbouring calibre is looked for. assumed
SHOULDER = 0.75  # of the usual calibre, below which a place belongs to a narrowing. assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a vessel, from `start` to `end` [m] from its upstream end."""

    vessel: str
    start: float
    end: float

    def covered(self, by: Iterable["Span"]) -> float:
        """The length [m] of it that others cover together."""
        found, reached = 0.0, self.start
        for other in sorted((o for o in by if o.vessel == self.vessel), key=lambda other: other.start):
            first, last = max(other.start, reached), min(other.end, self.end)
            found += max(0.0, last - first)
            reached = max(reached, last)
        return found

    def meets(self, others: Iterable["Span"]) -> bool:
        return any(o.vessel == self.vessel and o.start <= self.end and self.start <= o.end for o in others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """A narrow place of a vessel as it was seen, or the narrowest of one in which nothing looks narrow; in SI."""

    span: Span  # over which the vessel looks narrow
    whole: float  # length of the vessel
    narrowing: float  # of diameter, against the neighbouring calibre
    neighbour: float  # diameter of the vessel beside it
    gradient: float | None = None  # pressure above it minus pressure below it
    is_treated: bool = False  # a balloon was there, however it looks

    @property
    def site(self) -> Site:
        """The middle of what looks narrow."""
        return Site(vessel=self.span.vessel, fraction=0.5 * (self.span.start + self.span.end) / self.whole)

    @property
    def length(self) -> float:
        return self.span.end - self.span.start

    @property
    def where(self) -> str:
        return f"{label(self.span.vessel)} at {self.site.fraction:.2f}"

    def __str__(self) -> str:
        gradient = "" if self.gradient is None else f", gradient {self.gradient / mmHg:+.1f} mmHg"
        if self.narrowing < 1.0 - SHOULDER:
            where = self.where if self.is_treated else label(self.span.vessel)
            return f"{where}: nothing narrow, {self.neighbour / mm:.1f} mm wide{gradient}"
        size = f"{100 * self.narrowing:.0f} % of {self.neighbour / mm:.1f} mm"
        return f"{self.where}: {size} over {self.length / mm:.0f} mm{gradient}"


def narrow_places(recording: Recording, chart: Chart, treated: Iterable[Span] = ()) -> tuple[Narrow, ...]:
    """Every place of a vessel that looks narrow on a venogram or by IVUS, whose areas are taken for circles.

    Of a vessel without one its narrowest place; and places that were `treated` before, however they look.
    """
    treated = tuple(treated)
    vessels = dict.fromkeys(reading.site.vessel for reading in recording.find("narrowing"))
    courses = [(vessel, sorted(_diameters(recording, vessel, chart.lengths[vessel]))) for vessel in vessels]
    return tuple(
        place for vessel, along in courses if along for place in _places(recording, chart, along, vessel, treated)
    )


def _places(
    recording: Recording, chart: Chart, along: list[tuple[float, float]], vessel: str, treated: tuple[Span, ...]
) -> Iterator[Narrow]:
    whole = chart.lengths[vessel]
    worst = max(recording.find("narrowing", vessel), key=lambda reading: reading.value)
    at, said = worst.site.fraction * whole, _of_diameter(recording, vessel, worst.value)
    runs = list(_runs(along))
    if said >= 1.0 - SHOULDER and not any(start <= at <= end for start, end in runs):
        runs.append(_beside_an_end(along, at))
    spans = [Span(vessel=vessel, start=start, end=end) for start, end in runs]
    spans += [span for span in treated if span.vessel == vessel and not span.meets(spans)]
    if not spans:
        start, end = _spot(along, at)
        spans = [Span(vessel=vessel, start=start, end=end)]
    for span in sorted(spans, key=lambda span: span.start):
        neighbour, least = _neighbour(along, span, spans), min(d for _, d in _within(along, span))
        seen = said if span.start <= at <= span.end else 1.0 - least / neighbour
        yield Narrow(
            span=span,
            whole=whole,
            narrowing=min(max(seen, 0.0), 1.0),
            neighbour=neighbour,
            is_treated=span.meets(treated),
        )


def _of_diameter(recording: Recording, vessel: str, narrowing: float) -> float:
    """A narrowing as one of diameter: that of a recording of areas is of area."""
    is_area = any(True for _ in recording.find("area", vessel))
    share = min(max(narrowing, 0.0), 1.0)
    return 1.0 - math.sqrt(1.0 - share) if is_area else share


def _diameters(recording: Recording, vessel: str, length: float) -> Iterator[tuple[float, float]]:
    """Distance [m] and diameter [m]: the whole course where it was drawn, else every calibre that was measured."""
    courses = [p for p in recording.pictures if p.kind == "calibre" and p.site.vessel == vessel]
    for picture in courses:
        values = (_round(v) if picture.unit == "area" else v for v in picture.values.tolist())
        yield from zip(picture.axes["distance [m]"].tolist(), values, strict=True)
    if courses:
        return
    for reading in recording.find("diameter", vessel):
        yield reading.site.fraction * length, reading.value
    for reading in recording.find("area", vessel):
        yield reading.site.fraction * length, _round(reading.value)


def _round(area: float) -> float:
    return math.sqrt(4.0 * max(area, 0.0) / math.pi)


def _runs(along: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """From where to where [m] a vessel is narrower than its shoulders, on both sides of which it is wider.

    The usual calibre at a place is the lesser of those upstream and downstream of it.
    """
    diameters = np.array([d for _, d in along])
    narrow = diameters <= SHOULDER * np.minimum(_usual(diameters), _usual(diameters[::-1])[::-1])
    for is_narrow, group in itertools.groupby(range(len(along)), key=narrow.__getitem__):
        if is_narrow:
            inside = list(group)
            yield _edges(along, inside[0], inside[-1])


def _usual(diameters: Floats) -> Floats:
    """Up to every place: the median of what is not narrow. The largest of many has the largest error.

    Medians of all the places at once: what does not count is sorted to the end of its row.
    """
    limit = SHOULDER * np.maximum.accumulate(diameters)
    counted = np.tri(len(diameters), dtype=bool) & (diameters > limit[:, None])
    among = np.sort(np.where(counted, diameters, np.inf), axis=1)
    count, rows = np.count_nonzero(counted, axis=1), np.arange(len(diameters))
    return np.asarray(0.5 * (among[rows, (count - 1) // 2] + among[rows, count // 2]))


def _edges(along: list[tuple[float, float]], first: int, last: int) -> tuple[float, float]:
    """Half way from the first and the last that are narrow to the next that are not; none beyond the vessel's ends."""
    x = [at for at, _ in along]
    start = 0.5 * (x[first] + x[first - 1]) if first else x[0]
    return start, 0.5 * (x[last] + x[last + 1]) if last + 1 < len(x) else x[-1]


def _spot(along: list[tuple[float, float]], at: float) -> tuple[float, float]:
    """The measured place next to `at` [m], as far as half way to those beside it."""
    index = min(range(len(along)), key=lambda i: abs(along[i][0] - at))
    return _edges(along, index, index)


def _beside_an_end(along: list[tuple[float, float]], at: float) -> tuple[float, float]:
    """What is narrow round `at` [m] against the wider of the two sides: the other holds nothing but the narrowing."""
    sides = ([d for x, d in along if at - NEAR <= x <= at], [d for x, d in along if at <= x <= at + NEAR])
    widest = max(max(side, default=0.0) for side in sides)
    limit = SHOULDER * median(d for side in sides for d in side if d > SHOULDER * widest)
    first = last = min(range(len(along)), key=lambda i: abs(along[i][0] - at))
    while first > 0 and along[first - 1][1] <= limit:
        first -= 1
    while last + 1 < len(along) and along[last + 1][1] <= limit:
        last += 1
    return _edges(along, first, last)


def _within(along: list[tuple[float, float]], span: Span) -> list[tuple[float, float]]:
    """What was measured in a span; the nearest where nothing was."""
    middle = 0.5 * (span.start + span.end)
    return [p for p in along if span.start <= p[0] <= span.end] or [min(along, key=lambda p: abs(p[0] - middle))]


def _neighbour(along: list[tuple[float, float]], span: Span, spans: list[Span]) -> float:
    """The lesser of the usual diameters beside a narrow place, upstream and downstream, narrow places left out."""
    free = [(x, d) for x, d in along if not any(other.start <= x <= other.end for other in spans)]
    sides = (
        [d for x, d in free if span.start - NEAR <= x < span.start],
        [d for x, d in free if span.end < x <= span.end + NEAR],
    )
    sized = [median(d for d in side if d > SHOULDER * max(side)) for side in sides if side]
    return min(sized, default=max(d for _, d in along))


def both(venogram: tuple[Narrow, ...], within: tuple[Narrow, ...]) -> tuple[Narrow, ...]:
    """The places of a venogram and of ultrasound from within, those that meet as the one where more narrowing was seen.

    The calibre beside it is always that measured from within, which knows better. Of each vessel what looks narrow to
    one of the two or was treated, or else its narrowest place.
    """
    found: dict[Span, Narrow] = {}
    for place in (*within, *venogram):
        same = [other for other in (*within, *venogram) if other.span.meets([place.span])]
        worst = max(same, key=lambda p: p.narrowing)
        beside = [other for other in within if other.span.vessel == place.span.vessel]
        near = min(beside, key=lambda o: abs(o.span.start - worst.span.start), default=worst)
        found[worst.span] = replace(worst, neighbour=near.neighbour)
    order = list(dict.fromkeys(place.span.vessel for place in (*venogram, *within)))
    kept = [place for place in found.values() if _counts(place, found.values())]
    return tuple(sorted(kept, key=lambda p: (order.index(p.span.vessel), p.span.start)))


def _counts(place: Narrow, places: Iterable[Narrow]) -> bool:
    worst = max((p for p in places if p.span.vessel == place.span.vessel), key=lambda p: p.narrowing)
    return place is worst or place.narrowing >= 1.0 - SHOULDER or place.is_treated


def pressure_sites(places: tuple[Narrow, ...], chart: Chart) -> Iterator[tuple[Narrow, Site, Site]]:
    """Where pressure is taken: above and below each place, in the vessel beside it where it reaches an end.

    Between two narrow places of a vessel half way at most.
    """
    for place in places:
        span = place.span
        others = [other.span for other in places if other.span.vessel == span.vessel and other is not place]
        above = max((0.5 * (o.end + span.start) for o in others if o.end <= span.start), default=-math.inf)
        below = min((0.5 * (o.start + span.end) for o in others if o.start >= span.end), default=math.inf)
        start, end = max(span.start - BESIDE, above), min(span.end + BESIDE, below)
        yield place, chart.site(span.vessel, start), chart.site(span.vessel, end)
