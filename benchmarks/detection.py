"""How often lesions are found: 500 simulated persons, half with a lesion, looked at by every instrument.

    python benchmarks/detection.py [PATIENTS] [SEED]      a quarter of an hour for 500 on two cores

Keeps a row for each person in the folder of temporary files, from which it goes on when it was stopped (remove it
when the code has changed), and writes results/detection.md. Every person has an anatomy of his
own: sex, height, age, variants, all parameters; every draw is a named stream of the seed and the person's number.
Persons 1, 3, 5, ... have a lesion. What is drawn with which chance stands below; what has no source there is assumed,
so that a sensitivity is one of these lesions, not of a clinic's patients.

Truth. A vein has a lesion if one takes more than half of its area, or for a rule of the diameter more than half of its
diameter, from what lies beside it: as made, of a compression as the solution has it, lying. Vein by vein, a rule is
right where it fired in the vein with the lesion, among those veins that the rule judges; person by person, where it
fired anywhere in a person with a lesion anywhere (in a transverse sinus, for the rules of the sinuses). Intervals:
Wilson, 95 %; veins of one person are counted as if they were independent.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator

from azygos.body.body import Body
from azygos.body.condition import Breathing
from azygos.body.lesion import Stenosis, area_narrowing, diameter_narrowing
from azygos.body.parameter import DIAMETER, parameters
from azygos.engine.outcome import Outcome
from azygos.engine.solve import simulate
from azygos.errors import InputError
from azygos.instruments.findings import NECK, REFLUX, findings
from azygos.instruments.instrument import AbstractInstrument, Patient
from azygos.instruments.lumen import INSIDE, seen_along
from azygos.instruments.manometry import Manometry
from azygos.instruments.mri import Mri
from azygos.instruments.recording import Recording, Site
from azygos.instruments.registry import default_sites
from azygos.instruments.ultrasound import Ultrasound
from azygos.instruments.venography import Ivus, Venography
from azygos.rng import stream
from azygos.statistics.proportion import proportion_interval
from azygos.units import cm, degree, mm, mmHg

Row: TypeAlias = dict[str, Any]

RESULTS = Path(__file__).parent / "results"
WORKERS = 2
POSTURES = ("supine", "upright")
EITHER = "ultrasound: criterion 1, lying or sitting"
USABLE = (Outcome.ok, Outcome.choked)

# ---------------------------------------------------------------------------------------------------------------
# who is examined

HEIGHT = {"female": (163 * cm, 6.5 * cm), "male": (175 * cm, 7.0 * cm)}  # mean and deviation. assumed
AGES = (20.0, 60.0)  # uniform. assumed
LEFT_DOMINANT = 0.25  # of the 45 % who are not right dominant (J Transl Neurosci 2024;9:15). assumed
TRANSVERSE = {  # hypoplastic, absent (Cerebrovasc Dis 2004;18:236; n = 105); none absent in the left dominant: assumed
    "l": (0.39, 0.20),
    "r": (0.06, 0.04),
}
INCOMPETENT = 0.07  # jugular valves (PMID 12076346; 41 valves); that both are: assumed

# Where lesions lie, with which share, and of which kinds there. assumed
PLACES: Mapping[tuple[str, float], tuple[float, Mapping[str, float]]] = {
    ("ijv", 0.1): (0.20, {"compression": 0.5, "stenosis": 0.3, "thrombus": 0.2}),
    ("ijv", 0.5): (0.20, {"stenosis": 0.3, "web": 0.3, "thrombus": 0.2, "compression": 0.2}),
    ("ijv", 0.9): (0.20, {"valve": 0.5, "web": 0.3, "stenosis": 0.2}),
    ("azygos", 0.9): (0.15, {"web": 0.4, "stenosis": 0.4, "compression": 0.2}),
    ("brachiocephalic", 0.5): (0.10, {"compression": 0.5, "stenosis": 0.3, "thrombus": 0.2}),
    ("transverse_sinus", 0.5): (0.15, {"stenosis": 0.6, "thrombus": 0.4}),
}
LENGTHS = {"web": 2 * mm, "valve": 2 * mm, "thrombus": 20 * mm, "stenosis": 15 * mm, "compression": 15 * mm}  # assumed
TAKEN = (0.50, 0.98)  # of the area, uniform. assumed
OCCLUDED = (0.08, 0.999)  # share of narrowings that close the vein, and what they take. assumed
PRESSED = (10 * mmHg, 25 * mmHg)  # uniform. assumed


def chosen(rng: Generator, shares: Mapping[Any, float]) -> Any:
    """One of the keys, with its share for chance."""
    return list(shares)[int(rng.choice(len(shares), p=list(shares.values())))]


def anatomy(number: int, seed: int, needed: str) -> Body:
    """A person without a lesion who has the vessel `needed`."""
    rng = stream(seed, "patient", number, "person")
    sex = str(rng.choice(["female", "male"]))
    height = float(np.clip(rng.normal(*HEIGHT[sex]), 1.40, 2.10))
    variants = list(_variants(stream(seed, "patient", number, "variants"), needed))
    present = Body.reference(variants=variants).lengths
    rng = stream(seed, "patient", number, "parameters")
    factors = {}
    for name, known in parameters().items():
        drawn = float(np.clip(np.exp(known.spread * rng.standard_normal()), known.low, known.high))
        if not name.endswith(DIAMETER) or name.removesuffix(DIAMETER) in present:
            factors[name] = drawn
    age = float(stream(seed, "patient", number, "age").uniform(*AGES))
    return Body.reference(sex=sex, height=height, age=age, variants=variants, parameters=factors)


def _variants(rng: Generator, needed: str) -> Iterator[str]:
    dominant, leak, *sides = rng.random(4)
    if dominant < LEFT_DOMINANT:
        yield "left_dominant_sinus"
    if leak < INCOMPETENT:
        yield "incompetent_jugular_valves"
    for (side, (small, absent)), drawn in zip(TRANSVERSE.items(), sides, strict=True):
        if drawn < small:
            yield f"hypoplastic_transverse_sinus_{side}"
        elif drawn < small + absent and dominant >= LEFT_DOMINANT and needed != f"transverse_sinus_{side}":
            yield f"absent_transverse_sinus_{side}"


def lesion(number: int, seed: int) -> Stenosis | None:
    """The lesion of a person with an odd number."""
    if number % 2 == 0:
        return None
    rng = stream(seed, "patient", number, "lesion")
    vein, at = chosen(rng, {place: share for place, (share, _) in PLACES.items()})
    kind = chosen(rng, PLACES[vein, at][1])
    side = "" if vein == "azygos" else f"_{rng.choice(['r', 'l'])}"
    taken, pressure = float(rng.uniform(*TAKEN)), float(rng.uniform(*PRESSED))
    taken = OCCLUDED[1] if rng.random() < OCCLUDED[0] else taken
    pressed = kind == "compression"
    return Stenosis(
        vessel=f"{vein}{side}", narrowing=0.0 if pressed else taken, pressure=pressure if pressed else 0.0,
        at=at, length=LENGTHS[kind], kind=kind,
    )  # fmt: skip


def taken(patient: Patient, found: Stenosis) -> float:
    """The share of the area that a lesion takes: as made, or of a compression as it lies in the solution."""
    if found.kind != "compression":
        return found.narrowing
    lumen = seen_along(patient, found.vessel)
    half = 0.5 * found.length / lumen.length
    apart = abs(lumen.fraction - found.at)
    return float(1.0 - lumen.area[apart <= half].min() / np.interp(found.at - 1.5 * half, lumen.fraction, lumen.area))


# ---------------------------------------------------------------------------------------------------------------
# looking


def instruments() -> dict[str, tuple[AbstractInstrument, tuple[Site, ...]]]:
    """Every instrument and where it looks; ultrasound from within where venography does."""
    planes = (0.0, 90.0 * degree)
    seen = default_sites("venography")
    return {
        "ultrasound": (Ultrasound(pictures=False), default_sites("ultrasound")),
        "venography, one plane": (Venography(injections=()), seen),
        "venography, two planes": (Venography(injections=(), planes=planes), seen),
        "IVUS": (Ivus(), seen),
        "manometry": (Manometry(), default_sites("manometry")),
    }


def examined(number: int, seed: int) -> Row:
    """What is true of a person, and what every rule said of every vein that it judged."""
    found = lesion(number, seed)
    row: Row = {"patient": number, "lesion": str(found or ""), "kind": found.kind if found else ""}
    row |= {"vessel": found.vessel if found else "", "taken": 0.0, "said": {}}
    try:
        body = anatomy(number, seed, row["vessel"])
        body = body.with_lesion(found) if found else body
    except InputError as error:
        return row | {"outcome": {"body": str(error)}}
    solutions = {posture: simulate(body, posture=posture, breathing=Breathing()) for posture in POSTURES}
    row["outcome"] = {posture: solution.outcome.name for posture, solution in solutions.items()}
    if any(solution.outcome not in USABLE for solution in solutions.values()):
        return row
    patient = Patient(body=body, solutions=solutions)
    row["taken"] = taken(patient, found) if found else 0.0
    for name, (instrument, places) in instruments().items():
        there = tuple(place for place in places if place.vessel in body.lengths)
        recording = instrument.examine(patient, there, stream(seed, "patient", number, "look", name))
        for one in findings([recording]):
            veins = row["said"].setdefault(f"{name}: {one.rule.name}", {})
            vein = one.site.vessel if one.site else "person"
            veins[vein] = veins.get(vein, False) or one.fired
        if name == "ultrasound":
            row["said"][EITHER] = dict(refluxes(recording))
    row["asymmetry"] = asymmetry(patient, stream(seed, "patient", number, "look", "mri"))
    return row


def refluxes(recording: Recording) -> Iterator[tuple[str, bool]]:
    """Whether a neck vein meets the first criterion lying or sitting, which is how PMC3061048 words it."""
    for vein in NECK:
        times = [reading.value for reading in recording.find("reflux_time", vein)]
        yield vein, any(time > REFLUX.threshold for time in times)


def asymmetry(patient: Patient, rng: Generator) -> float:
    """Flow of the right jugular vein less that of the left, over their sum, by magnetic resonance imaging."""
    sites = tuple(Site(vessel=f"ijv_{side}", fraction=0.5) for side in "rl")
    recording = Mri().examine(patient, sites, rng)
    flows = [next((r.value for r in recording.find("flow", site.vessel)), float("nan")) for site in sites]
    return float((flows[0] - flows[1]) / (abs(flows[0]) + abs(flows[1])))


# ---------------------------------------------------------------------------------------------------------------
# counting

DIAMETER_RULES = ("venographic narrowing",)
SINUS_RULES = ("IIH gradient", "IIH gradient and pressure", "IIH gradient, low")
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Counts:
    """Of those with a lesion, and of those without: how many, and in how many the rule fired."""

    ill: int
    hit: int
    well: int
    alarm: int

    def cells(self) -> str:
        return f"{said(self.hit, self.ill)} | {said(self.well - self.alarm, self.well)}"


def said(part: int, whole: int) -> str:
    """A share with its interval and counts."""
    if not whole:
        return "none judged"
    found = proportion_interval(part, whole, method="wilson")
    low, high = 100.0 * found.lower, 100.0 * found.upper
    return f"{100.0 * found.estimate:.0f} % ({low:.0f} to {high:.0f}; {part} of {whole})"


def rule_of(key: str) -> str:
    return key.partition(": ")[2]


def is_ill(row: Row, key: str) -> bool:
    """Whether the person has a lesion of the size that the rule looks for."""
    share = diameter_narrowing(row["taken"]) if rule_of(key) in DIAMETER_RULES else row["taken"]
    return bool(share > HALF)


def by_vein(rows: list[Row], key: str) -> Counts:
    pairs = [
        (is_ill(row, key) and vein == row["vessel"], fired)
        for row in rows
        for vein, fired in row["said"].get(key, {}).items()
    ]
    return _counted(pairs)


def by_kind(rows: list[Row], key: str, kinds: tuple[str, ...], beyond: float = HALF) -> str:
    """In how many of the lesions of some kinds that take more of the area than this the rule fired in their vein."""
    fired = [
        row["said"][key][row["vessel"]]
        for row in rows
        if row["kind"] in kinds and row["taken"] > beyond and row["vessel"] in row["said"].get(key, {})
    ]
    return said(sum(fired), len(fired))


def by_person(rows: list[Row], key: str) -> Counts:
    """A lesion counts wherever it is; for the gradients of the sinuses, in a transverse sinus."""
    pairs = [
        (is_ill(row, key) and (rule_of(key) not in SINUS_RULES or row["vessel"] in veins), any(veins.values()))
        for row in rows
        if (veins := row["said"].get(key))
    ]
    return _counted(pairs)


def _counted(pairs: list[tuple[bool, bool]]) -> Counts:
    ill, well = [fired for is_it, fired in pairs if is_it], [fired for is_it, fired in pairs if not is_it]
    return Counts(len(ill), sum(ill), len(well), sum(well))


# ---------------------------------------------------------------------------------------------------------------
# the report


def report(rows: list[Row], seed: int) -> Iterator[str]:
    rows = sorted(rows, key=lambda row: row["patient"])
    seen = [row for row in rows if row["said"]]
    keys = list(dict.fromkeys(key for row in seen for key in row["said"]))
    yield f"# How often lesions are found: {len(rows)} persons, seed {seed}\n"
    yield "`python benchmarks/detection.py`; what is drawn, and what counts as true, stands in that file. Shares with"
    yield "95 % intervals (Wilson) and counts.\n"
    yield from _outcomes(rows)
    yield ""
    yield from _table(seen, keys)
    yield "\nIn how many veins with a lesion that takes more than half of the area the rule fired there, by its kind:\n"
    groups = {
        "within the lumen": (INSIDE, HALF),
        "within the lumen, more than half of the diameter": (INSIDE, area_narrowing(HALF)),
        "stenosis": (("stenosis",), HALF),
        "compression": (("compression",), HALF),
    }
    shown = [key for key in keys if any(key.endswith(name) for name in ("narrowing", "criterion 3", "CCSVI gradient"))]
    yield "| instrument: rule | " + " | ".join(groups) + " |"
    yield "|---" * (len(groups) + 1) + "|"
    for key in shown:
        yield f"| {key} | " + " | ".join(by_kind(seen, key, *group) for group in groups.values()) + " |"
    yield "\n" + _asymmetries(seen)
    calm = [row for row in seen if set(row["outcome"].values()) == {"ok"}]
    yield f"\nThe first table again, of the {len(calm)} persons in whom no vein came near choking:\n"
    yield from _table(calm, keys)


def _table(rows: list[Row], keys: list[str]) -> Iterator[str]:
    yield "| instrument: rule | sensitivity, veins | specificity, veins | sensitivity, persons | and specificity |"
    yield "|---|---|---|---|---|"
    for key in keys:
        veins = " | " if key.endswith("total") else by_vein(rows, key).cells()  # the total is of a person
        yield f"| {key} | {veins} | {by_person(rows, key).cells()} |"


def _outcomes(rows: list[Row]) -> Iterator[str]:
    """Every outcome that was not ok, counted, and by whom."""
    ways = Counter(tuple(row["outcome"].items()) for row in rows)
    yield "| outcome | persons | with a lesion | who |"
    yield "|---|---|---|---|"
    for way, count in ways.most_common():
        them = [row for row in rows if tuple(row["outcome"].items()) == way]
        ill = sum(bool(row["lesion"]) for row in them)
        names = ", ".join(str(row["patient"]) for row in them) if count <= 40 else "the rest"
        looked = "" if any(row["said"] for row in them) else "; not looked at"
        yield f"| {', '.join(f'{posture} {what}' for posture, what in way)}{looked} | {count} | {ill} | {names} |"


def _asymmetries(rows: list[Row]) -> str:
    """For flow by magnetic resonance imaging there is no rule: medians and quartiles of its asymmetry."""
    groups = {
        "without a lesion": [row for row in rows if not row["lesion"]],
        "with one of a jugular vein": [row for row in rows if row["vessel"].startswith("ijv")],
    }
    words = []
    for name, some in groups.items():
        low, middle, high = np.nanquantile([abs(row["asymmetry"]) for row in some], [0.25, 0.5, 0.75])
        words.append(f"{middle:.2f} ({low:.2f} to {high:.2f}) in {len(some)} persons {name}")
    return (
        "For flow by magnetic resonance imaging no published rule was found. Its asymmetry between the jugular veins,\n"
        f"|right - left| over the sum of magnitudes, median and quartiles: {'; '.join(words)}."
    )


# ---------------------------------------------------------------------------------------------------------------
# running


def main(count: int = 500, seed: int = 1) -> None:
    file = Path(tempfile.gettempdir()) / f"azygos_detection_{seed}.jsonl"
    rows: list[Row] = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    rows = [row for row in rows if row["patient"] < count]
    missing = sorted(set(range(count)) - {row["patient"] for row in rows})
    begin = time.monotonic()
    with ProcessPoolExecutor(WORKERS) as pool, file.open("a") as out:
        waiting = [pool.submit(examined, number, seed) for number in missing]
        for done, future in enumerate(as_completed(waiting), 1):
            row = future.result()
            rows.append(row)
            out.write(json.dumps(row) + "\n")
            out.flush()
            rate = done / (time.monotonic() - begin)
            left = (len(missing) - done) / rate
            sys.stderr.write(f"\r{len(rows)} of {count}, {rate:.2f} a second, {left:.0f} s left ")
    text = "\n".join(report(rows, seed)) + "\n"
    (RESULTS / "detection.md").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
