"""From recordings to suspected blockages, by published rules. What a rule says is reported, not believed.

A finding knows no more than the recordings: its interval holds 95 % of what the readings' errors leave possible
(normal errors), its certainty is the share of them for which the rule would fire. No prior enters: how common
blockages are is not known here.

For the magnetic resonance imaging of flow there is no published rule with a number, so it has no findings.
"""

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from azygos.instruments.recording import Reading, Recording, Site
from azygos.units import cm, mm, mmHg

__all__ = ["CRITERIA", "Finding", "Rule", "findings"]

WITHIN = 1.959964  # standard deviations to both sides that hold 95 %
JUGULARS = ("ijv_r", "ijv_l")
NECK = (*JUGULARS, "vertebral_vein_r", "vertebral_vein_l")
DEEP_CEREBRAL = ("internal_cerebral_vein", "basal_vein", "great_cerebral_vein")
LYING, SITTING = "supine", "upright"
_COMPARE = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A published threshold."""

    name: str
    says: str
    threshold: float  # [SI]
    unit: str
    source: str
    fires: str = ">"  # a value that stands so to the threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule says of what was recorded."""

    site: Site | None  # None: the whole patient
    rule: Rule
    measure: str  # what was measured, in words, with units
    value: float  # [SI]
    interval: tuple[float, float]  # 95 %
    fired: bool
    instrument: str
    certainty: float  # that the rule would fire on the values without the instrument's errors
    remark: str = ""  # of the readings that it rests on: the view, or why they are not to be trusted

    def __str__(self) -> str:
        where = self.site or "patient"
        verdict = "fired" if self.fired else "not fired"
        return f"{where}: {self.measure}; {self.rule.name}: {verdict} ({100.0 * self.certainty:.0f} %)"


_TABLE = "PMC3061048, table 2; PMC3567958, table 2"
_BRAVE_DREAMS = "Brave Dreams, Trials 2012;13:183, table 3"
# Sources differ in the first criterion: "sitting or supine" in PMC3061048, both in PMC3567958. Both are asked for here.
REFLUX = Rule(name="criterion 1", says="reflux > 0.88 s in a jugular or vertebral vein, sitting and supine",
              threshold=0.88, unit="time", source=_TABLE)  # fmt: skip
DEEP_REFLUX = Rule(name="criterion 2", says="reflux > 0.5 s in a deep cerebral vein",
                   threshold=0.5, unit="time", source="PMC3061048, table 2")  # fmt: skip
SMALL = Rule(name="criterion 3", says="jugular section of 0.3 cm² or less, supine",
             threshold=0.3 * cm**2, unit="area", source="PMC3061048, table 2", fires="<=")  # fmt: skip
SILENT = Rule(name="criterion 4", says="no flow heard in a jugular or vertebral vein, sitting and supine",
              threshold=0.0, unit="speed", source=_TABLE, fires="<=")  # fmt: skip
REVERTED = Rule(name="criterion 5", says="jugular section larger sitting than supine, in mid-neck",
                threshold=0.0, unit="area", source=_TABLE, fires="<")  # fmt: skip
CRITERIA = (REFLUX, DEEP_REFLUX, SMALL, SILENT, REVERTED)
TOTAL = Rule(name="criteria, total", says="two or more of the five criteria",
             threshold=2.0, unit="number", source="PMC2647682; PMC3061048", fires=">=")  # fmt: skip
LOCAL = Rule(name="local narrowing", says="jugular section half of the largest or less, supine; others' criterion 3",
             threshold=0.5, unit="number", source="J Neurol Sci 2009;282:21, in PMC3061048", fires=">=")  # fmt: skip
FAST = Rule(name="accelerated flow", says="90 cm/s or more: dysmorphic valve",
            threshold=0.9, unit="speed", source=_BRAVE_DREAMS, fires=">=")  # fmt: skip
VENOGRAPHIC = Rule(name="venographic narrowing", says="more than 50 % of the diameter",
                   threshold=0.5, unit="number", source=_BRAVE_DREAMS)  # fmt: skip
INTRAVASCULAR = Rule(name="IVUS narrowing", says="more than 50 % of the area",
                     threshold=0.5, unit="number", source="assumed, as for venography")  # fmt: skip
OUTFLOW = Rule(name="CCSVI gradient", says="jugular or azygos vein more than 2 mmHg above the vein it enters",
               threshold=2.0 * mmHg, unit="pressure",
               source=f"a gradient: {_BRAVE_DREAMS}; its size: assumed")  # fmt: skip
SINUS = Rule(name="IIH gradient", says="8 mmHg or more from transverse to sigmoid sinus or jugular vein",
             threshold=8.0 * mmHg, unit="pressure", source="customary, as told in PMC10553007", fires=">=")  # fmt: skip
SINUS_SIX = Rule(name="IIH gradient and pressure", says="gradient of 6 mmHg or more and sagittal sinus at 15 or more",
                 threshold=6.0 * mmHg, unit="pressure", source="Front Neurol 2026 1753428", fires=">=")  # fmt: skip
SINUS_FOUR = Rule(name="IIH gradient, low", says="4 mmHg or more; benefit is told for less, too",
                  threshold=4.0 * mmHg, unit="pressure", source="PMC10553007", fires=">=")  # fmt: skip
SAGITTAL_LIMIT = 15.0 * mmHg  # with SINUS_SIX


def findings(recordings: Iterable[Recording]) -> tuple[Finding, ...]:
    """All that the rules say of the recordings, by instrument; of instruments without rules, nothing."""
    return tuple(found for recording in recordings for found in _READERS.get(recording.instrument, _none)(recording))


def _none(recording: Recording) -> Iterator[Finding]:
    yield from ()


def _certainty(rule: Rule, value: float, error: float) -> float:
    """The chance that the rule fires on a value of which this was read with a normal error."""
    beyond = value - rule.threshold if rule.fires.startswith(">") else rule.threshold - value
    if error <= 0.0:
        return 1.0 if _fires(rule, value) else 0.0
    return 0.5 * math.erfc(-beyond / error / math.sqrt(2.0))


def _fires(rule: Rule, value: float) -> bool:
    return bool(_COMPARE[rule.fires](value, rule.threshold))


def _finding(
    rule: Rule, of: Sequence[Reading], instrument: str, measure: str, value: float, error: float,
    *, certainty: float | None = None,
) -> Finding:  # fmt: skip
    """What a rule says of some readings, at the site of the first of them."""
    least = 0.0 if rule.unit in ("time", "speed", "number") else -math.inf  # no time, speed or share lies below
    return Finding(
        site=of[0].site,
        rule=rule,
        measure=measure,
        value=value,
        interval=(max(value - WITHIN * error, least), value + WITHIN * error),
        fired=_fires(rule, value),
        instrument=instrument,
        certainty=_certainty(rule, value, error) if certainty is None else certainty,
        remark=_remarks(of),
    )


def _remarks(of: Iterable[Reading | Finding]) -> str:
    """What is remarked of any of them, once."""
    return "; ".join(dict.fromkeys(one.remark for one in of if one.remark))


# ---------------------------------------------------------------------------------------------------------------
# ultrasound


def _ultrasound(recording: Recording) -> Iterator[Finding]:
    criteria: Mapping[Rule, Callable[[Recording], list[Finding]]] = {
        REFLUX: lambda r: [f for vessel in NECK for f in _reflux(r, vessel)],
        DEEP_REFLUX: lambda r: list(_deep_reflux(r)),
        SMALL: lambda r: [f for vessel in JUGULARS for f in _small(r, vessel)],
        SILENT: lambda r: [f for vessel in NECK for f in _silent(r, vessel)],
        REVERTED: lambda r: [f for vessel in JUGULARS for f in _reverted(r, vessel)],
    }
    found = {rule: judge(recording) for rule, judge in criteria.items()}
    for some in found.values():
        yield from some
    if judged := {rule: some for rule, some in found.items() if some}:
        yield _total(judged)
    for vessel in JUGULARS:
        yield from _local(recording, vessel)
    yield from _fast(recording)


def _by_posture(recording: Recording, quantity: str, vessel: str) -> dict[str, list[Reading]]:
    """The readings of a vessel, lying and sitting; empty unless there are some in both."""
    both = {posture: list(recording.find(quantity, vessel, posture)) for posture in (LYING, SITTING)}
    return both if all(both.values()) else {}


def _reflux(recording: Recording, vessel: str) -> Iterator[Finding]:
    """The longest reflux at any landmark, in the posture where it is shorter."""
    longest = [max(some, key=_value) for some in _by_posture(recording, "reflux_time", vessel).values()]
    if not longest:
        return
    certainty = math.prod(_certainty(REFLUX, reading.value, reading.error) for reading in longest)
    measure = "reflux " + ", ".join(f"{reading.value:.2f} s {reading.posture}" for reading in longest)
    of = sorted(longest, key=_value)
    yield _finding(REFLUX, of, recording.instrument, measure, of[0].value, of[0].error, certainty=certainty)


def _deep_reflux(recording: Recording) -> Iterator[Finding]:
    """The longest reflux in any deep vein, in whichever posture."""
    deep = [r for r in recording.find("reflux_time") if r.site.vessel.startswith(DEEP_CEREBRAL)]
    if deep:
        worst = max(deep, key=_value)
        measure = f"reflux {worst.value:.2f} s {worst.posture}"
        yield _finding(DEEP_REFLUX, [worst], recording.instrument, measure, worst.value, worst.error)


def _small(recording: Recording, vessel: str) -> Iterator[Finding]:
    """The smallest section of a jugular vein at any landmark, supine."""
    if areas := list(recording.find("area", vessel, LYING)):
        least = min(areas, key=_value)
        measure = f"section {least.value / mm**2:.0f} mm²"
        yield _finding(SMALL, [least], recording.instrument, measure, least.value, least.error)


def _silent(recording: Recording, vessel: str) -> Iterator[Finding]:
    """Where the fastest flow heard is slowest, in the posture where it is faster."""
    by_site: dict[Site, list[Reading]] = {}
    for some in _by_posture(recording, "peak_velocity", vessel).values():
        for reading in some:
            by_site.setdefault(reading.site, []).append(reading)
    faster = [max(some, key=_speed) for some in by_site.values() if len(some) > 1]
    if faster:
        least = min(faster, key=_speed)
        measure = f"fastest flow heard {_speed(least) / cm:.0f} cm/s"
        yield _finding(SILENT, [least], recording.instrument, measure, _speed(least), least.error)


def _reverted(recording: Recording, vessel: str) -> Iterator[Finding]:
    """Section supine minus section sitting, at the landmark nearest to mid-neck."""
    areas = _by_posture(recording, "area", vessel)
    if not areas:
        return
    lying, sitting = (min(some, key=lambda r: abs(r.site.fraction - 0.5)) for some in areas.values())
    change, error = lying.value - sitting.value, math.hypot(lying.error, sitting.error)
    measure = f"section {lying.value / mm**2:.0f} mm² supine, {sitting.value / mm**2:.0f} upright"
    yield _finding(REVERTED, [lying, sitting], recording.instrument, measure, change, error)


def _total(judged: Mapping[Rule, list[Finding]]) -> Finding:
    """How many criteria fired somewhere; criteria and places taken as independent."""
    chances = [1.0 - math.prod(1.0 - found.certainty for found in some) for some in judged.values()]
    spread = np.ones(1)  # the chances of 0, 1, ... criteria
    for chance in chances:
        spread = np.convolve(spread, [1.0 - chance, chance])
    sums = np.cumsum(spread)
    low, high = (int(np.searchsorted(sums, share)) for share in (0.025, 0.975))
    fired = [rule.name.removeprefix("criterion ") for rule, some in judged.items() if any(f.fired for f in some)]
    missing = [rule.name.removeprefix("criterion ") for rule in CRITERIA if rule not in judged]
    measure = f"{len(fired)} of {len(judged)} criteria" + (f" ({', '.join(fired)})" if fired else "")
    measure += f"; not assessed: {', '.join(missing)}" if missing else ""
    return Finding(
        site=None, rule=TOTAL, measure=measure, value=float(len(fired)), interval=(float(low), float(high)),
        fired=len(fired) >= 2, instrument="ultrasound", certainty=float(min(max(1.0 - np.sum(spread[:2]), 0.0), 1.0)),
        remark=_remarks(found for some in judged.values() for found in some if found.fired),
    )  # fmt: skip


def _local(recording: Recording, vessel: str) -> Iterator[Finding]:
    """The smallest section against the largest of the same vein."""
    areas = list(recording.find("area", vessel, LYING))
    if len(areas) > 1:
        least, most = min(areas, key=_value), max(areas, key=_value)
        yield _ratio(LOCAL, recording.instrument, least, most)


def _ratio(rule: Rule, instrument: str, least: Reading, most: Reading) -> Finding:
    left = least.value / most.value if most.value > 0.0 else 0.0
    error = left * math.hypot(*(r.error / r.value if r.value > 0.0 else 0.0 for r in (least, most)))
    measure = f"section {100.0 * (1.0 - left):.0f} % smaller than at {most.site.fraction:g}"
    return _finding(rule, [least, most], instrument, measure, 1.0 - left, error)


def _fast(recording: Recording) -> Iterator[Finding]:
    """The fastest flow in each jugular vein, in any posture."""
    for vessel in JUGULARS:
        if peaks := list(recording.find("peak_velocity", vessel)):
            most = max(peaks, key=_speed)
            measure = f"fastest flow {_speed(most) / cm:.0f} cm/s {most.posture}"
            yield _finding(FAST, [most], recording.instrument, measure, _speed(most), most.error)


def _value(reading: Reading) -> float:
    return reading.value


def _speed(reading: Reading) -> float:
    return abs(reading.value)


# ---------------------------------------------------------------------------------------------------------------
# catheters


def _venography(recording: Recording) -> Iterator[Finding]:
    for reading in recording.find("narrowing"):
        measure = f"{100.0 * reading.value:.0f} % of the diameter"
        yield _finding(VENOGRAPHIC, [reading], recording.instrument, measure, reading.value, reading.error)


def _ivus(recording: Recording) -> Iterator[Finding]:
    for reading in recording.find("narrowing"):
        measure = f"{100.0 * reading.value:.0f} % of the area"
        yield _finding(INTRAVASCULAR, [reading], recording.instrument, measure, reading.value, reading.error)


def _manometry(recording: Recording) -> Iterator[Finding]:
    for vessel, entered in (*((f"ijv_{s}", f"brachiocephalic_{s}") for s in "rl"), ("azygos", "svc")):
        above, below = _extreme(recording, (vessel,), max), _extreme(recording, (entered, "svc"), min)
        if above and below:
            yield _gradient(OUTFLOW, recording, above, below)
    for side in "rl":
        above = _extreme(recording, (f"transverse_sinus_{side}",), max)
        below = _extreme(recording, (f"sigmoid_sinus_{side}", f"ijv_{side}"), min)
        if above and below:
            yield from (_gradient(rule, recording, above, below) for rule in (SINUS, SINUS_FOUR))
            yield from _with_pressure(recording, above, below)


def _extreme(recording: Recording, vessels: tuple[str, ...], choose: Callable[..., Reading]) -> Reading | None:
    """The highest or lowest pressure in the first of these vessels that has any; names may be beginnings."""
    for vessel in vessels:
        some = [reading for reading in recording.find("pressure") if reading.site.vessel.startswith(vessel)]
        if some:
            return choose(some, key=_value)
    return None


def _gradient(rule: Rule, recording: Recording, above: Reading, below: Reading) -> Finding:
    """The fall of pressure between two readings of one pull-back: what they share in error cancels."""
    fall = above.value - below.value
    alone = recording.protocol.get("reading error [Pa]")
    errors = (alone, alone) if isinstance(alone, float) else (above.error, below.error)
    measure = f"{round(fall / mmHg, 1) + 0.0:.1f} mmHg to {below.site}"  # never "-0.0"
    return _finding(rule, [above, below], recording.instrument, measure, fall, math.hypot(*errors))


def _with_pressure(recording: Recording, above: Reading, below: Reading) -> Iterator[Finding]:
    sagittal = _extreme(recording, ("sss_posterior", "sss_"), max)
    if sagittal is None:
        return
    gradient = _gradient(SINUS_SIX, recording, above, below)
    pressure = Rule(name="", says="", threshold=SAGITTAL_LIMIT, unit="pressure", source="")
    high = _certainty(pressure, sagittal.value, sagittal.error)
    measure = f"{gradient.measure}, sagittal sinus at {sagittal.value / mmHg:.1f} mmHg"
    fired = gradient.fired and sagittal.value >= SAGITTAL_LIMIT
    remark = _remarks([above, below, sagittal])
    yield replace(gradient, measure=measure, fired=fired, certainty=gradient.certainty * high, remark=remark)


_READERS: Mapping[str, Callable[[Recording], Iterator[Finding]]] = MappingProxyType(
    {"ultrasound": _ultrasound, "venography": _venography, "ivus": _ivus, "manometry": _manometry}
)
