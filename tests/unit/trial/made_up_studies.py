"""Plain studies for tests: one arm or two, one score, as many layers as a test wants."""

from dataclasses import replace

from azygos.study.design import (
    Allocation,
    Analysis,
    Arm,
    Blinding,
    Design,
    Endpoint,
    Responder,
    SampleSize,
    Visit,
)
from azygos.study.eligibility import rule
from azygos.trial.prior import packaged
from azygos.trial.study import LAYERS, Patients, Study

VISITS = (Visit(name="baseline", day=0.0), Visit(name="month 6", day=180.0))
SCORE = Endpoint(name="score", kind="continuous", of="physical", better="lower", change=True)
FELL = Endpoint(
    name="fell",
    kind="binary",
    of="physical",
    better="higher",
    change=True,
    responder=Responder(relation="<=", limit=-8.0),
)


def fixed(**values: float) -> dict:
    """The packaged constants with some of them known."""
    return {**packaged(), **{name: replace(packaged()[name], kind="fixed", a=a) for name, a in values.items()}}


def only(*layers: str) -> frozenset[str]:
    """Every layer off but these."""
    return frozenset(LAYERS) - set(layers)


def one_arm(n: int = 89, *, layers: tuple[str, ...] = (), **constants: float) -> Study:
    design = Design(
        name="one arm",
        title="People before and after",
        kind="registry",
        arms=(Arm(name="treated", role="single"),),
        visits=VISITS,
        endpoints=(FELL, SCORE),
        analyses=(
            Analysis(name="fell", method="proportion", endpoint="fell", role="primary"),
            Analysis(name="change", method="mean", endpoint="score"),
        ),
        size=SampleSize(n=n),
    )
    return Study(design=design, off=only(*layers), priors=fixed(**constants), use_calibration=False)


def two_arms(
    n: int = 64, *, layers: tuple[str, ...] = (), method: str = "t-test", allocation: Allocation | None = None,
    blinded: bool = True, eligibility: tuple[str, ...] = (), **constants: float,
) -> Study:  # fmt: skip
    design = Design(
        name="two arms",
        title="Treated against sham",
        kind="sham-controlled",
        arms=(Arm(name="sham", role="sham"), Arm(name="treated", role="active")),
        visits=VISITS,
        endpoints=(SCORE, FELL),
        analyses=(Analysis(name="change", method=method, endpoint="score", role="primary"),),
        allocation=allocation or Allocation(method="blocks", block_sizes=(4,)),
        blinding=Blinding(participants=blinded, assessors=blinded, analysts=blinded),
        eligibility=tuple(rule(text) for text in eligibility),
        size=SampleSize(n=n),
    )
    people = Patients(forms={"RRMS": 0.6, "SPMS": 0.4}, centres=3)
    return Study(design=design, off=only(*layers), priors=fixed(**constants), use_calibration=False, patients=people)
