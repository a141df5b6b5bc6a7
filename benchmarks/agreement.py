"""How well two examiners agree on the five ultrasound criteria, in people whose jugular veins differ.

    python benchmarks/agreement.py [people]

The error model has no such agreement put in; what comes out is held against the published kappas: .20 for the
diagnosis and .23 for the third criterion among blinded examiners (Leone 2013), .80 among trained ones and .47 among
others (PMID 20351668). How people differ, and how often they have a narrowing, is assumed, and kappa depends on it.
"""

import sys
from collections.abc import Sequence

import numpy as np

from azygos.body.body import Body
from azygos.body.condition import Breathing
from azygos.engine.solve import simulate
from azygos.instruments.findings import findings
from azygos.instruments.instrument import Patient
from azygos.instruments.ultrasound import SITES, Ultrasound
from azygos.rng import stream

SPREAD = 0.25  # of the jugular diameters between people, as the standard deviation of their logarithm. assumed
RULES = ("criterion 1", "criterion 2", "criterion 3", "criterion 4", "criterion 5", "criteria, total")


def person(number: int) -> Patient:
    """Someone with jugular veins of his own, and in one of two a narrowing of the left one."""
    draw = stream(1, "agreement", number)
    size = np.clip(np.exp(SPREAD * draw.standard_normal(2)), 0.57, 1.75)
    factors = {f"ijv_{side}.diameter": float(factor) for side, factor in zip("rl", size, strict=True)}
    body = Body.reference(parameters=factors)
    if number % 2:
        body = body.with_lesion(f"ijv_l: {draw.uniform(30, 80):.0f} % area at 0.5, 20 mm")
    lying, sitting = (simulate(body, posture=p, breathing=Breathing()) for p in ("supine", "upright"))
    return Patient(body=body, solutions={"supine": lying, "upright": sitting})


def verdicts(patient: Patient, number: int, examiner: str) -> list[bool]:
    """Which rules fired somewhere, for one examiner."""
    rng = stream(1, "agreement", number, examiner)
    found = findings([Ultrasound(pictures=False, exact=examiner == "truth").examine(patient, SITES, rng)])
    return [any(one.fired for one in found if one.rule.name == rule) for rule in RULES]


def kappa(one: Sequence[bool], other: Sequence[bool]) -> float:
    """Cohen's kappa; nan where both always say the same word."""
    a, b = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    chance = a.mean() * b.mean() + (1.0 - a.mean()) * (1.0 - b.mean())
    return float((np.mean(a == b) - chance) / (1.0 - chance)) if chance < 1.0 else float("nan")


def main(people: int) -> None:
    table = []
    for number in range(people):
        patient = person(number)
        table.append([verdicts(patient, number, who) for who in ("truth", "first", "second")])
    seen = np.array(table)  # (person, who, rule)
    print(f"{people} people; share that fires without and with errors, kappa of two examiners")
    for i, rule in enumerate(RULES):
        truth, first, second = seen[:, :, i].T
        print(
            f"{rule:16} {truth.mean():5.2f} {first.mean():5.2f} {second.mean():5.2f}  kappa {kappa(first, second):.2f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
