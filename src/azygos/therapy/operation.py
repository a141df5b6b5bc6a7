"""What an operator does to a narrow place, as he saw it, and what that does to the patient.

Where a device lies and how large it is follows from what was seen; what it does follows from the body.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from azygos.body.body import Body
from azygos.body.lesion import Stenosis
from azygos.therapy import response
from azygos.therapy.assess import Narrow, Span
from azygos.therapy.catalogue import BalloonModel, Catalogue, StentModel, atm
from azygos.therapy.complications import Complication, Draws, rates
from azygos.therapy.inflation import Inflation
from azygos.therapy.notes import Entry
from azygos.therapy.procedure import vein_diameter
from azygos.therapy.protocol import Inflate, PlaceStent, Step
from azygos.therapy.reading import label
from azygos.units import mm

__all__ = ["Operation"]

MARGIN = 5 * mm  # by which a device reaches over each end of what looks narrow. assumed
OVERLAP = 10 * mm  # of devices in a row. assumed
WAIST = 0.95  # of the balloon's diameter, below which a waist is seen. assumed


@dataclass(slots=True, kw_only=True)
class Operation:
    """A patient on the table; it changes from step to step and does not outlive the procedure."""

    body: Body
    catalogue: Catalogue
    sham: bool
    elastic: float | None
    draws: Draws
    ballooned: list[Span] = field(default_factory=list)  # or, in a sham, where a balloon was held
    torn: set[str] = field(default_factory=set)  # vessels
    done: set[str] = field(default_factory=set)  # of what complications need
    devices: dict[str, str] = field(default_factory=dict)  # since the last stage
    inflations: list[Inflation] = field(default_factory=list)
    pressed: dict[str, float] = field(default_factory=dict)  # lesion -> diameter left open by a pressure from outside
    changed: str = ""  # the stage that is not solved yet
    notes: list[Entry] = field(default_factory=list)
    complications: list[Complication] = field(default_factory=list)

    def note(self, step: Step, text: str) -> None:
        self.notes.append(Entry(step=str(step), text=text))

    # -----------------------------------------------------------------------------------------------------------
    # balloons

    def inflate(self, step: Inflate, places: Iterable[Narrow]) -> None:
        wanted = [place for place in places if step.wanted(place.narrowing, place.gradient or 0.0)]
        for place in wanted:
            if not self._is_torn(step, place):
                self._dilate(step, place)
        if not wanted:
            self.note(step, "not needed")

    def _dilate(self, step: Inflate, place: Narrow) -> None:
        balloon = self._balloon(step, place)
        if balloon is None:
            size = step.oversize * place.neighbour / mm
            self.note(step, f"{label(place.span.vessel)}: no balloon in stock is {size:.0f} mm wide; not done")
            return
        pressure, spans = min(step.pressure, balloon.rated), _along(place, balloon.length)
        inflated = balloon.inflated(pressure)
        self.ballooned.append(Span(vessel=place.span.vessel, start=spans[0].start, end=spans[-1].end))
        held = f"{balloon} to {inflated / mm:.1f} mm in {place.where}{_in_a_row(spans, 'inflations')}"
        if pressure < step.pressure:
            held += f", at its rated {pressure / atm:g} atm"
        if self.sham:
            self.note(step, f"sham: {held}, not inflated")
            return
        self.note(step, held)
        self.done.add("inflation")
        self.changed = "balloon"
        self._strain(step, place, inflated, spans)
        self._open(step, balloon, pressure, spans)

    def _open(self, step: Inflate, balloon: BalloonModel, pressure: float, spans: list[Span]) -> None:
        """What a row of inflations does to every lesion that it covers, or a part of it."""
        inflated, seconds = balloon.inflated(pressure), step.seconds * step.repeats
        for lesion in self.body.lesions:
            share = self._covered(lesion, spans)
            if share == 0.0:
                continue
            vein = vein_diameter(self.body, lesion)
            inflation = Inflation(
                balloon=balloon, pressure=pressure, lesion=lesion, vein=vein, share=share, seconds=seconds,
                times=step.repeats, elastic=self.elastic, pressed=self.pressed.get(self.body.piece_of(lesion)),
            )  # fmt: skip
            part = "" if share >= 0.995 or lesion.kind == "hypoplasia" else f", on {100 * share:.0f} % of it"
            self.devices[self.body.piece_of(lesion)] = f"balloon {inflated / mm:.0f} mm{part}"
            self.body = self.body.replacing(lesion, inflation.after)
            self.inflations.append(inflation)
            if (waist := inflation.held(seconds)) < WAIST * inflated:
                self.note(step, f"{label(lesion.vessel)}: a waist of {waist / mm:.1f} mm is left in the balloon")

    def _covered(self, lesion: Stenosis, spans: Iterable[Span]) -> float:
        """The share of a lesion's length that devices cover together."""
        whole = self.body.lengths[lesion.vessel]
        start, end = (lesion.at * whole + sign * 0.5 * lesion.length for sign in (-1.0, 1.0))
        return Span(vessel=lesion.vessel, start=start, end=end).covered(spans) / lesion.length

    def _strain(self, step: Step, place: Narrow, inflated: float, spans: list[Span]) -> None:
        """Tears the vein if the balloon stretches its sound wall too far, whether there is a lesion or none."""
        vessel = place.span.vessel
        none = Stenosis(vessel=vessel, narrowing=0.0, at=place.site.fraction, length=place.length)
        met = [lesion for lesion in self.body.lesions if self._covered(lesion, spans) > 0.0] or [none]
        sound = min(response.sound_diameter(lesion, vein_diameter(self.body, lesion)) for lesion in met)
        if response.tears(inflated, sound, self.draws.breaking[vessel]):
            self.torn.add(vessel)
            self._complicate("rupture", vessel)
            self.note(step, f"{label(vessel)}: contrast leaves the vessel, it has torn; no further device there")

    def _is_torn(self, step: Step, place: Narrow) -> bool:
        """Whether the vessel has torn, which ends its treatment: stents with a cover are not modelled."""
        vessel = place.span.vessel
        if vessel in self.torn:
            self.note(step, f"{label(vessel)}: not done, it has torn (rule: no further device in a torn vessel)")
        return vessel in self.torn

    def _balloon(self, step: Inflate, place: Narrow) -> BalloonModel | None:
        if step.balloon is not None:
            return self.catalogue.balloon(step.balloon)
        length = place.length + 2.0 * MARGIN
        return self.catalogue.fitting_balloon(step.oversize * place.neighbour, length, step.pressure)

    # -----------------------------------------------------------------------------------------------------------
    # stents

    def stent(self, step: PlaceStent, places: Iterable[Narrow]) -> None:
        """A stent where a balloon was and was not enough."""
        noted = len(self.notes)
        for place in places:
            is_wanted = step.wanted(place.narrowing, place.gradient or 0.0)
            if not place.is_treated:
                if is_wanted:
                    self.note(step, f"not placed, no balloon was there: {place}")
            elif not is_wanted:
                self.note(step, f"not needed: {place}")
            elif not self._is_torn(step, place):
                self._support(step, place)
        if len(self.notes) == noted:
            self.note(step, "not needed")

    def _support(self, step: PlaceStent, place: Narrow) -> None:
        stent, refusal = self._stent(step, place)
        if stent is None:
            self.note(step, refusal)
            return
        spans = _along(place, stent.length)
        placed = f"{stent} for {place}{_in_a_row(spans, 'of them')}"
        if self.sham:
            self.note(step, f"sham: {placed}, not placed")
            return
        self.note(step, placed)
        self.done.add("stent")
        self.changed = "stent"
        for lesion in self.body.lesions:
            share = self._covered(lesion, spans)
            if share > 0.5 or (lesion.kind == "hypoplasia" and share > 0.0):
                self._place(step, stent, lesion, spans)

    def _place(self, step: PlaceStent, stent: StentModel, lesion: Stenosis, spans: list[Span]) -> None:
        vein = vein_diameter(self.body, lesion)
        name = self.body.piece_of(lesion)
        if response.migrates(stent.diameter, vein, self.draws.distension[lesion.vessel]):
            self._complicate("stent migration", lesion.vessel)
            self.devices[name] = f"stent {stent.diameter / mm:.0f} mm, lost"
            return
        placed = stent.placed(lesion, vein)
        assert placed.stent is not None
        held = spans[-1].end - spans[0].start + stent.held(2.0 * placed.stent.radius) - stent.length
        if held < lesion.length and lesion.kind != "hypoplasia":
            self.note(step, f"open, it covers {held / mm:.0f} mm, which is not all that is narrow: it does not hold")
            return
        self.devices[name] = f"stent {stent.diameter / mm:.0f} mm" + (f" x {len(spans)}" if len(spans) > 1 else "")
        self.body = self.body.replacing(lesion, placed)

    def _stent(self, step: PlaceStent, place: Narrow) -> tuple[StentModel | None, str]:
        """The stent to be placed, or None and why."""
        kind = self.body.kinds[place.span.vessel]
        if step.stent is not None:
            stent = self.catalogue.stent(step.stent)
            if kind not in stent.sites:
                return None, f"not placed: {stent} is not made for a vessel of kind {kind}"
            return stent, ""
        found = self.catalogue.fitting_stent(place.neighbour + step.oversize, place.length + 2.0 * MARGIN, kind)
        return found, f"not placed: no stent in stock for a {kind} of {place.neighbour / mm:.0f} mm"

    def _complicate(self, event: str, vessel: str) -> None:
        complication = Complication(event=event, grade=rates()[event].grade, where=vessel)
        if complication not in self.complications:
            self.complications.append(complication)


def _along(place: Narrow, length: float) -> list[Span]:
    """Where devices of this length [m] lie: one over the middle, or as many in a row as reach over both ends."""
    vessel, wanted = place.span.vessel, place.length + 2.0 * MARGIN
    overlap = min(OVERLAP, 0.25 * length)
    count = max(1, math.ceil((wanted - overlap) / (length - overlap) - 1e-9))
    middle, apart = 0.5 * (place.span.start + place.span.end), (wanted - length) / (count - 1) if count > 1 else 0.0
    centres = [middle + (i - 0.5 * (count - 1)) * apart for i in range(count)]
    return [Span(vessel=vessel, start=at - 0.5 * length, end=at + 0.5 * length) for at in centres]


def _in_a_row(spans: list[Span], what: str) -> str:
    if len(spans) == 1:
        return ""
    return f", {len(spans)} {what} in a row over {(spans[-1].end - spans[0].start) / mm:.0f} mm"
