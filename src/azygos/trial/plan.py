"""Which design would tell: power, the size it takes, assurance, and what looks on the way save.

Power is simulated under the design, with all layers, for each true effect. The size for a power b is scaled from it,

    n_b = n ((z_{1-a/2} + z_b) se / d)²,

d the mean and se the standard deviation of the estimates in n people, then simulated, and corrected where it does
not hold.
Assurance is the power averaged over what is believed of the effect before: N(0.2, 0.2) SD unless said otherwise
(assumed; in the venous sinuses coupling is uniform from 0 to 1). An uncontrolled study has no power, whatever its
size: what is planned is then the same study against a sham.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem
from azygos.study.design import Allocation, Analysis, Arm, Blinding, Design, SampleSize, Visit
from azygos.study.estimand import Estimand
from azygos.trial.disease import Disease
from azygos.trial.interim import can_look, look_by_look
from azygos.trial.outcome import benefit, from_null
from azygos.trial.run import Progress, asked_of, computable, simulate
from azygos.trial.study import Effect, Study

__all__ = ["Plan", "Planned", "Sequence", "against_sham", "plan"]

Floats: TypeAlias = NDArray[np.float64]

POWERS = (0.8, 0.9)
LARGEST = 4000  # people, that a size is still simulated with
ALPHA = 0.05
TOLERANCE = 0.04  # of a power that was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What the design does under one true effect."""

    effect: float
    power: float
    error: float  # Monte Carlo, of the power
    sizes: tuple[float, ...]  # people in all, for each of POWERS; infinite where the effect does not show at all
    confirmed: float | None  # power simulated with the first of the sizes; None where it was not simulated


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """What looks on the way do under one true effect."""

    effect: float
    power: float
    expected_n: float
    stopped: tuple[float, ...]  # share of repeats that end at each look
    futile: float | None  # share that end early for want of an effect; None where the plan has no bounds for that


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    study: Study  # as planned: with a control
    is_changed: bool  # a control was added
    n: int
    repeats: int
    false_positive: float  # share of significant results in the good direction with no effect
    effects: tuple[Planned, ...]
    assurance: float
    believed: str
    looks: tuple[Sequence, ...]


def plan(study: Study, seed: int = 1, repeats: int = 1000, *, progress: Progress | None = None) -> Plan:
    """Power, sizes, assurance and looks of a study, or of its like against a sham."""
    planned = study if study.design.control is not None and study.design.is_randomised else against_sham(study)
    effects = study.disease.planned
    done, steps = 0, 2 * len(effects) + 1

    def told() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, steps)

    null = _power(planned, seed, repeats, 0.0)
    told()
    found = []
    for effect in effects:
        share, mean, sd = _power(planned, seed, repeats, effect)
        sizes = tuple(_size(planned.n, mean - null[1], sd, power) for power in POWERS)
        told()
        sizes, confirmed = _confirmed(planned, sizes, seed, max(200, repeats // 2), effect)
        told()
        error = float(np.sqrt(share * (1.0 - share) / repeats))
        found.append(Planned(effect=effect, power=share, error=error, sizes=sizes, confirmed=confirmed))
    return Plan(
        study=planned,
        is_changed=planned is not study,
        n=planned.n,
        repeats=repeats,
        false_positive=null[0],
        effects=tuple(found),
        assurance=_assurance(null[0], found, study.disease.believed),
        believed=_believed(study.disease),
        looks=_looks(planned, seed, repeats, effects),
    )


def _power(study: Study, seed: int, repeats: int, effect: float) -> tuple[float, float, float]:
    """Share of significant results in the good direction; mean and SD of the estimates, positive where good."""
    key = next((one for one in asked_of(study) if not one[1]), None)  # the first that compares arms
    if key is None:
        remedy = "give it one, such as {method: risk difference, endpoint: ..., role: primary}"
        raise InputError(Problem("no analysis of the design compares its arms", study.name, remedy))
    analysis = next(one for one in study.design.analyses if one.name == key[0])
    found = computable(simulate(study, seed, repeats, Effect(amount=effect), asked=[key]), key)
    estimates = benefit(study.design, analysis) * from_null(analysis, found.estimate)
    is_good = (found.p < ALPHA) & (estimates > 0.0)
    return float(np.mean(is_good)), float(np.nanmean(estimates)), float(np.nanstd(estimates, ddof=1))


def _size(n: int, gain: float, sd: float, power: float) -> float:
    from scipy.special import ndtri

    if gain <= 1e-9:
        return float("inf")
    return float(n * ((ndtri(1.0 - ALPHA / 2.0) + ndtri(power)) * sd / gain) ** 2)


def _confirmed(
    study: Study, sizes: tuple[float, ...], seed: int, repeats: int, effect: float
) -> tuple[tuple[float, ...], float | None]:
    """The sizes corrected by the power that the first of them is seen to have, and the power after that.

    Constants differ between repeats, so the spread of the estimates does not shrink as fast as people are added.
    """
    from scipy.special import ndtri

    confirmed = None
    for last in (False, True):
        if sizes[0] > LARGEST:
            return sizes, confirmed
        n = max(8, 2 * round(sizes[0] / 2.0 + 0.5))
        confirmed = _power(study.with_size(n), seed, repeats, effect)[0]
        if last or abs(confirmed - POWERS[0]) < TOLERANCE:
            break
        z, limit = float(ndtri(np.clip(confirmed, 0.05, 0.995))), float(ndtri(1.0 - ALPHA / 2.0))
        factor = ((limit + float(ndtri(POWERS[0]))) / (limit + z)) ** 2
        sizes = tuple(size * factor for size in sizes)
    return sizes, confirmed


def _believed(disease: Disease) -> str:
    if disease.believed is None:
        return f"{disease.effect_unit} uniform from 0 to 1"
    return f"N({disease.believed[0]:g}, {disease.believed[1]:g}) {disease.effect_unit}"


def _assurance(null: float, found: list[Planned], believed: tuple[float, float] | None) -> float:
    """Power averaged over what is believed of the effect; below no effect there is none, beyond the last it stays."""
    at = np.array([0.0, *(one.effect for one in found)])
    power = np.array([null, *(one.power for one in found)])
    if believed is None:
        grid = np.linspace(0.0, 1.0, 101)
        return float(np.interp(grid, at, power).mean())
    mean, sd = believed
    grid = np.linspace(mean - 4.0 * sd, mean + 4.0 * sd, 401)
    weight = np.exp(-0.5 * ((grid - mean) / sd) ** 2)
    values = np.where(grid < 0.0, 0.0, np.interp(grid, at, power))
    return float(np.sum(weight * values) / np.sum(weight))


def _looks(study: Study, seed: int, repeats: int, effects: tuple[float, ...]) -> tuple[Sequence, ...]:
    if not can_look(study):
        return ()
    found = []
    for effect in (0.0, *effects):
        looks = look_by_look(study, seed, repeats, Effect(amount=effect))
        stopped = tuple(float(np.mean(looks.stopped == look)) for look in range(len(looks.shares)))
        futile = float(looks.futile.mean()) if looks.futility else None
        one = Sequence(effect=effect, power=looks.power, expected_n=looks.expected_n, stopped=stopped, futile=futile)
        found.append(one)
    return tuple(found)


def against_sham(study: Study) -> Study:
    """The same people and outcome, allocated at random to the treatment or a sham, nobody knowing which."""
    old = study.design
    treated = old.active.name
    primary = next(one for one in old.analyses if one.name == asked_of(study)[0][0])
    method = {"proportion": "risk difference", "mean": "t-test"}.get(primary.method, primary.method)
    visits = old.visits if old.baseline is not None else (Visit(name="baseline", day=0.0), *old.visits)
    estimand = Estimand(
        name="main",
        population="as eligible",
        treatment=f"{treated} against sham, whatever happens later",
        variable=primary.endpoint,
        intercurrent=(("retreated", "treatment policy"),),
        summary="difference between arms",
    )
    design = Design(
        name=f"{old.name}-against-sham",
        title=f"{old.title}: the same against a sham",
        kind="sham-controlled",
        arms=(Arm(name="sham", role="sham", gets="the same without opening anything"), _as_active(old.active)),
        visits=visits,
        endpoints=old.endpoints,
        sources=old.sources,
        eligibility=old.eligibility,
        allocation=Allocation(method="blocks", block_sizes=(4,), concealed=True),
        blinding=Blinding(participants=True, assessors=True, analysts=True),
        estimands=(estimand,),
        analyses=(
            Analysis(
                name=primary.name, method=method, endpoint=primary.endpoint, missing="complete cases", role="primary",
                estimand="main",
            ),
        ),
        size=SampleSize(n=2 * round(study.n / 2.0 + 0.25)),
        answered=old.answered,
    )  # fmt: skip
    return replace(study, design=design, patients=replace(study.patients, asked=None), published=(), bands=())


def _as_active(arm: Arm) -> Arm:
    return Arm(name=arm.name, role="active", gets=arm.gets)
