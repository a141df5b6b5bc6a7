"""Where a study that looks at its data on the way stands: at which look, against which bound, and what p then is."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from azygos.errors import InputError
from azygos.statistics.result import Interval
from azygos.study.design import Design, Endpoint, Sequential
from azygos.study.question import Answer

if TYPE_CHECKING:
    from azygos.statistics.sequential import GroupSequential

__all__ = ["Monitored", "bounds_of", "monitored", "planned_size"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitored:
    """The primary analysis at a look; Z is positive where the patients of the other arm did better."""

    look: int
    looks: int
    analysed: int
    planned: int | None  # None: not said, the look is then taken for the last
    counted: str  # what was analysed and planned: patients, or events where the size was found from them
    bound: float  # on Z, or on its size where the design has two sides
    futility: float | None  # the bound at or below which the plan gives up; it does not bind, and p takes no notice
    z: float
    crossed: bool
    p: float  # adjusted for the looks by stagewise ordering
    interval: Interval | None  # of the measure, adjusted likewise; of differences of means only

    def __str__(self) -> str:
        share = "" if self.planned is None else f", {self.analysed} of {self.planned} {self.counted}"
        verdict = "crossed" if self.crossed else "not crossed"
        told = f"Look {self.look} of {self.looks}{share}: Z = {self.z:.2f}, bound {self.bound:.2f}, {verdict}"
        if self.futility is not None:
            told += f", bound for futility {self.futility:.2f}, {'reached' if self.is_futile else 'not reached'}"
        told += f"; p adjusted for the looks {self.p:.2g}"
        return told + (f", interval {self.interval.lower:.3g} to {self.interval.upper:.3g}." if self.interval else ".")

    @property
    def is_futile(self) -> bool:
        """Whether the plan would stop here for want of an effect."""
        return self.futility is not None and self.z <= self.futility


def bounds_of(looks: Sequential, power: float | None) -> "GroupSequential":
    """The bounds of a plan; those for futility spend what the power leaves."""
    from azygos.statistics.sequential import group_sequential_bounds

    spending: Any = looks.spending
    futility: Any = looks.futility or None
    return group_sequential_bounds(
        information=looks.looks, alpha=looks.alpha, sided=looks.sided, spending=spending, power=power, futility=futility
    )


def planned_size(design: Design) -> int | None:
    """Patients in all arms (events, of a size for survival), as the design says or its power asks for; else None.

    With looks on the way alpha is that of the looks, and the size is larger by what the looks cost. Raises InputError
    for numbers from which no size can be found.
    """
    size, looks, arms = design.size, design.sequential, len(design.arms)
    if size.n is not None:
        return size.n * (arms if size.per == "arm" else 1)
    control = design.control
    if size.power is None or size.effect is None or control is None:
        return None
    ratio = design.active.weight / control.weight
    alpha = size.alpha if looks is None else 2.0 * looks.alpha / looks.sided
    first = _in_control(size.method, size.effect, size.sd, size.control, size.power, alpha, ratio)
    cost = 1.0 if looks is None else bounds_of(looks, size.power).inflation or 1.0
    return None if first is None else _whole(cost * first) + _whole(cost * ratio * first) * (arms - 1)


def _whole(n: float) -> int:
    return math.ceil(n - 1e-9)


def _in_control(
    method: str, effect: float, sd: float | None, control: float | None, power: float, alpha: float, ratio: float
) -> float | None:
    """Patients in the control, not rounded."""
    from azygos.statistics.samplesize import sample_size_means, sample_size_survival
    from azygos.statistics.samplesize_proportions import sample_size_proportions

    if method == "means" and sd is not None:
        return sample_size_means(effect, sd=sd, power=power, alpha=alpha, ratio=ratio).n_per_group
    if method == "proportions" and control is not None:
        return sample_size_proportions(control, control + effect, power=power, alpha=alpha, ratio=ratio).n_per_group
    if method == "survival":
        return sample_size_survival(effect, power=power, alpha=alpha, ratio=ratio).n_per_group
    return None


def monitored(design: Design, answer: Answer, endpoint: Endpoint | None) -> Monitored | None:
    """The look at which an answer stands; None without looks, or where the answer has no test."""
    interval, test, looks = answer.interval, answer.test, design.sequential
    if looks is None or interval is None or test is None or answer.null is None or not 0.0 < test.p <= 1.0:
        return None
    from scipy.special import ndtri

    from azygos.statistics.sequential_result import group_sequential_result

    by_events = design.size.n is None and design.size.method == "survival"
    analysed, planned = sum(one.events if by_events else one.analysed for one in answer.summaries), _planned(design)
    share = 1.0 if not planned else min(1.0, analysed / planned)
    look = min(range(len(looks.looks)), key=lambda place: abs(looks.looks[place] - share)) + 1
    is_more = interval.estimate > answer.null
    better = 1.0 if endpoint is None or endpoint.is_better_high else -1.0
    two_sided = test.p if test.alternative == "two-sided" else 2.0 * min(test.p, 1.0 - test.p)
    z = -float(ndtri(max(two_sided, 1e-300) / 2.0)) * (better if is_more else -better)
    spending: Any = looks.spending
    plan: dict[str, Any] = {
        "information": looks.looks, "alpha": looks.alpha, "sided": looks.sided, "spending": spending,
    }  # fmt: skip
    bounds = bounds_of(looks, design.size.power if looks.futility else None)
    is_mean = "difference of means" in answer.measure and z != 0.0
    se = abs(interval.estimate / z) if is_mean and interval.estimate else None
    found = group_sequential_result(z, look, se=se, level=interval.level, **plan)
    return Monitored(
        look=look,
        looks=len(looks.looks),
        analysed=analysed,
        planned=planned,
        counted="events" if by_events else "patients",
        bound=bounds.z[look - 1],
        futility=bounds.futility[look - 1] if bounds.futility and look < len(looks.looks) else None,
        z=z,
        crossed=found.crossed,
        p=found.p,
        interval=None if se is None else _turned(found.estimate, found.lower, found.upper, better, interval.level),
    )


def _planned(design: Design) -> int | None:
    try:
        return planned_size(design)
    except InputError:  # a size that cannot be found is said where the size is asked for
        return None


def _turned(estimate: float, lower: float, upper: float, better: float, level: float) -> Interval:
    """From the side of what is better to that of the measure."""
    low, high = sorted((better * lower, better * upper))
    estimate = better * estimate if math.isfinite(estimate) else estimate
    return Interval(estimate=estimate, lower=low, upper=high, level=level, method="stagewise ordering")
