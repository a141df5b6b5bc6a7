"""What the operator makes of a venogram and a pull-back: places that look narrow, from recordings alone."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import median

from azygos.instruments.recording import Recording, Site
from azygos.units import mm, mmHg

__all__ = ["Narrow", "both", "narrow_places", "pressure_sites"]

BESIDE = 15 * mm  # from the ends of what looks narrow to where pressure is taken. assumed
NEAR = 50 * mm  # within which a neighbouring calibre is looked for. assumed
SHOULDER = 0.75  # of the neighbouring calibre, below which a place belongs to a narrowing. assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """The narrowest place of a vessel as it was seen, in SI."""

    site: Site  # the middle of what looks narrow
    narrowing: float  # of diameter, against the neighbouring calibre
    neighbour: float  # diameter of the vessel beside it
    length: float  # over which the vessel looks narrow
    gradient: float | None = None  # pressure above it minus pressure below it

    def __str__(self) -> str:
        where = f"{self.site.vessel} at {self.site.fraction:.2f}"
        text = f"{where}: {100 * self.narrowing:.0f} % of {self.neighbour / mm:.1f} mm"
        return text if self.gradient is None else f"{text}, gradient {self.gradient / mmHg:+.1f} mmHg"


def narrow_places(recording: Recording, lengths: Mapping[str, float]) -> tuple[Narrow, ...]:
    """The narrowest place of every vessel on a venogram, or by IVUS, whose areas are taken for circles.

    `lengths` [m] of the vessels are those of a ruler.
    """
    found = []
    for vessel in dict.fromkeys(reading.site.vessel for reading in recording.find("narrowing")):
        worst = max(recording.find("narrowing", vessel), key=lambda reading: reading.value)
        along = sorted(_diameters(recording, vessel, lengths[vessel]))
        if along:
            at, narrowing = worst.site.fraction * lengths[vessel], min(max(worst.value, 0.0), 1.0)
            neighbour = _neighbour(along, at)
            start, end = _extent(along, at, SHOULDER * neighbour)
            site = Site(vessel=vessel, fraction=0.5 * (start + end) / lengths[vessel])
            is_area = any(True for _ in recording.find("area", vessel))
            narrowing = 1.0 - math.sqrt(1.0 - narrowing) if is_area else narrowing
            found.append(Narrow(site=site, narrowing=narrowing, neighbour=neighbour, length=end - start))
    return tuple(found)


def _diameters(recording: Recording, vessel: str, length: float) -> Iterator[tuple[float, float]]:
    """Distance [m] and diameter [m] of every calibre measured along a vessel."""
    for reading in recording.find("diameter", vessel):
        yield reading.site.fraction * length, reading.value
    for reading in recording.find("area", vessel):
        yield reading.site.fraction * length, math.sqrt(4.0 * max(reading.value, 0.0) / math.pi)


def both(venogram: tuple[Narrow, ...], within: tuple[Narrow, ...]) -> tuple[Narrow, ...]:
    """Of each vessel the place where more narrowing was seen, with the calibre that was measured from within."""
    measured = {place.site.vessel: place for place in within}
    pairs = [(place, measured.get(place.site.vessel, place)) for place in venogram]
    return tuple(replace(max(pair, key=lambda p: p.narrowing), neighbour=pair[1].neighbour) for pair in pairs)


def _neighbour(along: list[tuple[float, float]], at: float) -> float:
    """The lesser of the usual diameters upstream and downstream, not far from the place at `at` [m].

    The median of what is not narrow itself: the largest of many readings is the one with the largest error.
    """
    sides = ([d for x, d in along if at - NEAR <= x <= at], [d for x, d in along if at <= x <= at + NEAR])
    return min(median(d for d in side if d > SHOULDER * max(side)) for side in sides if side)


def _extent(along: list[tuple[float, float]], at: float, limit: float) -> tuple[float, float]:
    """From where to where [m] round `at` the vessel is narrower than `limit`: half way to the next that is not."""
    narrow, wide = [x for x, d in along if d <= limit], [x for x, d in along if d > limit]
    before, after = max((x for x in wide if x < at), default=None), min((x for x in wide if x > at), default=None)
    inside = [x for x in narrow if (before is None or x > before) and (after is None or x < after)] or [at]
    first, last = min(*inside, at), max(*inside, at)
    return (first if before is None else 0.5 * (first + before)), (last if after is None else 0.5 * (last + after))


def pressure_sites(places: tuple[Narrow, ...], lengths: Mapping[str, float]) -> Iterator[tuple[Narrow, Site, Site]]:
    """Where pressure is taken: above and below each place, in the same vessel."""
    for place in places:
        away = (0.5 * place.length + BESIDE) / lengths[place.site.vessel]
        above, below = (min(max(place.site.fraction + s * away, 0.02), 0.98) for s in (-1.0, 1.0))
        vessel = place.site.vessel
        yield place, Site(vessel=vessel, fraction=above), Site(vessel=vessel, fraction=below)
