"""How often lesions are found: 100 simulated patients, half of them with one lesion, each looked at by every catheter.

    python benchmarks/detection.py [PATIENTS] [SEED]      about a minute for 100

Of the persons with a lesion half have one within the lumen (web, stuck valve, thrombus) and half one in the wall or
from outside (stenosis, compression); it takes 80 to 97 % of the area, or presses with 10 to 25 mmHg, of a jugular or
the azygos vein, at any place along it. All persons differ in the calibre of these veins and in their cerebral flow.
That mixture is assumed: a sensitivity is one of these lesions, not of a clinic's patients.

Sensitivity: the rule fired in the vein with the lesion. Specificity: it fired in none of a healthy person's veins.
Intervals are those of Clopper and Pearson, 95 %.
"""

import sys
from collections.abc import Iterator

from numpy.random import Generator
from scipy.stats import binomtest

from azygos.body.body import Body
from azygos.body.lesion import Stenosis
from azygos.engine.outcome import Outcome
from azygos.engine.solve import simulate
from azygos.instruments.findings import findings
from azygos.instruments.instrument import Patient
from azygos.instruments.recording import Site
from azygos.instruments.venography import Ivus, Venography
from azygos.rng import stream
from azygos.units import degree, mm, mmHg

VEINS = ("ijv_r", "ijv_l", "azygos")
SITES = tuple(Site(vessel=vein) for vein in VEINS)
INSIDE, OUTSIDE = ("web", "valve", "thrombus"), ("stenosis", "compression")
LENGTHS = {"web": 2 * mm, "valve": 2 * mm, "thrombus": 20 * mm, "stenosis": 15 * mm, "compression": 15 * mm}
SPREAD = {"ijv_r.diameter": 0.15, "ijv_l.diameter": 0.15, "azygos.diameter": 0.15, "cerebral_flow": 0.08}  # 1 SD
INSTRUMENTS = {
    "venography, one plane": Venography(injections=()),
    "venography, two planes": Venography(injections=(), planes=(0.0, 90.0 * degree)),
    "IVUS": Ivus(),
}


def lesion(kind: str, rng: Generator) -> Stenosis:
    """One lesion of a kind."""
    pressed = kind == "compression"
    return Stenosis(
        vessel=str(rng.choice(VEINS)),
        narrowing=0.0 if pressed else float(rng.uniform(0.80, 0.97)),
        pressure=float(rng.uniform(10.0, 25.0)) * mmHg if pressed else 0.0,
        at=float(rng.uniform(0.1, 0.9)),
        length=LENGTHS[kind],
        kind=kind,
    )


def patients(count: int, seed: int) -> Iterator[tuple[Patient, Stenosis | None]]:
    """Persons with and without a lesion in turn; whoever cannot be solved is left out and said."""
    for i in range(count):
        rng = stream(seed, "patient", i)
        factors = {name: float(max(0.6, min(1.6, 1.0 + sd * rng.standard_normal()))) for name, sd in SPREAD.items()}
        kind = str(rng.choice(INSIDE if i % 4 == 1 else OUTSIDE))
        found = lesion(kind, rng) if i % 2 else None
        body = Body.reference(parameters=factors)
        body = body.with_lesion(found) if found else body
        solution = simulate(body)
        if solution.outcome not in (Outcome.ok, Outcome.choked):
            print(f"patient {i} left out: {solution.solve.sentence}")
            continue
        yield Patient(body=body, solutions={"supine": solution}), found


def said(share: list[bool]) -> str:
    """A share with its interval."""
    if not share:
        return "none"
    test = binomtest(sum(share), len(share))
    low, high = test.proportion_ci(method="exact")
    return f"{100 * test.statistic:3.0f} % ({sum(share)} of {len(share)}; {100 * low:.0f} to {100 * high:.0f} %)"


def main(count: int = 100, seed: int = 1) -> None:
    hits: dict[tuple[str, str], list[bool]] = {}
    for i, (patient, found) in enumerate(patients(count, seed)):
        for name, instrument in INSTRUMENTS.items():
            recording = instrument.examine(patient, SITES, stream(seed, "look", i, name))
            fired = {f.site.vessel for f in findings([recording]) if f.fired and f.site}
            if found is None:
                hits.setdefault((name, "specificity"), []).append(not fired)
                continue
            met = found.vessel in fired
            group = "within the lumen" if found.kind in INSIDE else found.kind
            for what in ("sensitivity", group):
                hits.setdefault((name, what), []).append(met)
    for name in INSTRUMENTS:
        print(name)
        for what in ("sensitivity", "within the lumen", "stenosis", "compression", "specificity"):
            print(f"    {what:17} {said(hits.get((name, what), []))}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
