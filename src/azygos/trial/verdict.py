"""What a result can show under its design, found by simulating the design.

**Chance with no effect.** How often would this design show a result at least this good if the treatment did nothing?
For each of many draws of the constants from their priors the study is repeated; the answer is a distribution over the
priors, not one number. With the same constants, the people of an uncontrolled study are alike and independent, so the
count of those with a good outcome is binomial with the share found in all repeats together; a difference of arms is
taken as normal with the mean and standard deviation found, which are drawn nearer to those of all draws by as much as
their Monte Carlo error makes them differ.

**Compatible effects.** An effect e is compatible with a result t when neither P(T >= t | e) nor P(T <= t | e) is below
2.5 %, with the constants drawn anew in every repeat: the interval by inversion of the test. The same people, bad times
and errors of measurement are used for every e, so the chances change smoothly with it. Here the constants keep their
wide priors: the calibration assumes that the procedure does nothing, so it would exclude every effect by assuming
none.

**Errors of type S and M** (Gelman and Carlin, Perspect Psychol Sci 2014;9:641). Of the results that would be called
significant, how many have the wrong sign, and by how much do they exaggerate? An uncontrolled study has no test of a
difference; its naive reading credits the treatment with everybody who does well, and the exaggeration is that of this
reading: share(e) / (share(e) - share(0)).
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem
from azygos.shown import html
from azygos.study.analysis import Analysed
from azygos.study.design import Analysis
from azygos.trial.inversion import REFINED, Bound, bound
from azygos.trial.outcome import Estimates, benefit, from_null, is_quick
from azygos.trial.run import COMPARES_NOTHING, Asked, Mapper, Progress, Repeats, asked_of, computable, simulate
from azygos.trial.study import Effect, Study

__all__ = [
    "Bound",
    "Chance",
    "Judged",
    "Result",
    "Verdict",
    "first_of",
    "judged",
    "needs_fits",
    "observed_of",
    "result_in",
    "verdict",
    "was_published",
]

Floats: TypeAlias = NDArray[np.float64]

# How much is simulated by default: with each effect; draws of the constants; repeats with each draw. Slow is where each
# repeat needs a fit of its own, and large studies have fewer repeats, so that a verdict takes seconds.
PEOPLE, PEOPLE_NESTED = 200_000, 40_000
REPEATS, REPEATS_LARGE, REPEATS_SLOW = 1000, 200, 100
DRAWS, DRAWS_LARGE, DRAWS_SLOW = 250, 50, 30
SHARING = 20
ALPHA = 0.05
FAST = ("proportion", "mean", "risk difference", "t-test", "ancova")  # need no fit repeat by repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A result to be judged, in the units of its analysis."""

    analysis: str
    estimate: float
    of: int | None = None  # people, for a share
    arm: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chance:
    """The chance of a result at least this good, over the priors of the constants."""

    mean: float
    error: float  # Monte Carlo, of the mean
    each: Floats  # [draw of the constants]

    def quantile(self, share: float) -> float:
        return float(np.quantile(self.each, share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the design makes of one true effect."""

    effect: float
    expected: float  # mean of the estimate
    power: float | None  # share of significant results in the right direction; None where nothing is tested
    type_s: float | None  # of the significant, those with the wrong sign
    type_m: float | None  # how much the significant (or the naive reading) exaggerate
    at_least_as_good: float  # chance of a result like the one judged, or better


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdict:
    """All of it."""

    study: Study
    analysis: Analysis
    result: Result
    repeats: int
    seed: int
    chance: Chance
    chance_before_calibration: float
    worse: Chance  # of a result at least as bad
    predicted: tuple[float, float, float]  # 2.5, 50, 97.5 % of the estimate with no effect
    null: Floats  # estimates with no effect, of every repeat
    lower: Bound
    upper: Bound
    effects: tuple[Judged, ...]
    odds_ratio: float | None  # of the result against the median share with no effect, for a share

    _repr_html_ = html  # of a notebook

    @property
    def is_inside(self) -> bool:
        """Whether the result lies in the central 95 % of what is predicted with no effect."""
        return self.predicted[0] <= self.result.estimate <= self.predicted[2]


def needs_fits(study: Study, analysis: Analysis) -> bool:
    """Whether every repeat needs a fit of its own: then fewer are made."""
    return analysis.method not in FAST or not is_quick(study.design, analysis)


def was_published(study: Study) -> bool:
    """Whether a result of the primary analysis was."""
    primary = [name for name, _ in asked_of(study)[:1]]
    return any(one.analysis in primary for one in study.published)


def observed_of(study: Study, analysis: str = "", arm: str = "") -> Result:
    """The published result of an analysis (by default of the primary). Raises InputError where there is none."""
    name = analysis or asked_of(study)[0][0]
    for one in study.published:
        if one.analysis == name and (not arm or one.arm == arm):
            return Result(analysis=name, estimate=one.estimate, of=one.of, arm=one.arm, source=one.source)
    what = f"no result of '{name}' was published with it"
    raise InputError(Problem(what, study.name, "simulate one with 'azygos trial run', or give 'published'"))


def first_of(found: Repeats) -> Result:
    """The result of the first repeat of the primary analysis. Raises InputError where it cannot be computed."""
    study = found.study
    name, arm = asked_of(study)[0]
    method = next(one.method for one in study.design.analyses if one.name == name)
    of = computable(found, (name, study.design.active.name if method in COMPARES_NOTHING else arm))
    people = int(of.n[0]) if method == "proportion" else None
    return Result(analysis=name, estimate=float(of.estimate[0]), of=people, source="simulated (repeat 1)")


def result_in(found: Analysed, study: Study, source: str = "") -> Result:
    """The result of data, analysed, that a study judges: that of its primary analysis. Raises InputError."""
    name = asked_of(study)[0][0] if asked_of(study) else ""
    for one in found.results:
        answer, method = one.answer, one.analysis.method
        is_other = one.analysis.name != name or one.is_sensitivity or answer.is_aside
        if not is_other and answer.interval is not None and answer.arm in ("", study.design.active.name):
            of = sum(summary.analysed for summary in answer.summaries) if method == "proportion" else None
            return Result(analysis=name, estimate=answer.interval.estimate, of=of, source=source)
    what = f"the primary analysis '{name}' found no estimate" if name else "no analysis has an estimate to be judged"
    raise InputError(Problem(what, study.name, "give the design one of an endpoint, such as {method: t-test, ...}"))


def verdict(
    study: Study,
    result: Result,
    seed: int = 1,
    repeats: int | None = None,
    *,
    details: bool = True,
    progress: Progress | None = None,
    executor: Mapper | None = None,
) -> Verdict:
    """What the result can show. Without `details` only the chance with no effect is found.

    `repeats` with each effect tried; by default as many as take seconds.
    """
    case = _Case.of(study, result, seed, progress, executor)
    repeats = repeats or case.repeats
    grid = _grid(study, is_fine=case.is_fast) if details else ()
    case.steps = 3 + (len(grid) - 1 + 2 * REFINED if grid else 0)
    nested = case.estimates(repeats=case.draws * SHARING, share=SHARING)
    chance, worse = _chances(nested, result, case.sign, case.analysis)
    null = case.estimates(repeats=repeats).estimate
    plain = case.estimates(repeats=repeats, is_wide=True)
    tried = {e: plain if e == 0.0 else case.estimates(e, repeats=repeats, is_wide=True) for e in grid}

    low, middle, high = (float(np.nanquantile(null, share)) for share in (0.025, 0.5, 0.975))

    def end(*, is_lower: bool) -> Bound:
        way = case.sign if is_lower else -case.sign
        tails = {e: _tail(found, result, way) for e, found in tried.items()}
        return bound(
            tails,
            lambda e: _tail(case.estimates(e, repeats=repeats, is_wide=True), result, way),
            repeats,
            is_lower=is_lower,
        )

    return Verdict(
        study=study,
        analysis=case.analysis,
        result=result,
        repeats=repeats,
        seed=seed,
        chance=chance,
        chance_before_calibration=_tail(plain, result, case.sign),
        worse=worse,
        predicted=(low, middle, high),
        null=null,
        lower=end(is_lower=True),
        upper=end(is_lower=False),
        effects=tuple(judged(found, plain, e, result, case.sign, case.analysis) for e, found in tried.items()),
        odds_ratio=_odds_ratio(result, nested, case.sign) if case.analysis.method == "proportion" else None,
    )


@dataclass(slots=True, kw_only=True)
class _Case:
    """A result before its judgement: how to simulate what it is judged by."""

    study: Study
    analysis: Analysis
    key: Asked
    sign: int  # 1 where more is better, -1 where less is
    seed: int
    progress: Progress | None
    executor: Mapper | None
    done: int = 0
    steps: int = 1

    @classmethod
    def of(cls, study: Study, result: Result, seed: int, progress: Progress | None, executor: Mapper | None) -> "_Case":
        analysis = next(one for one in study.design.analyses if one.name == result.analysis)
        arm = (result.arm or study.design.active.name) if analysis.method in COMPARES_NOTHING else ""
        return cls(
            study=study,
            analysis=analysis,
            key=(analysis.name, arm),
            sign=benefit(study.design, analysis),
            seed=seed,
            progress=progress,
            executor=executor,
        )

    @property
    def is_fast(self) -> bool:
        return not needs_fits(self.study, self.analysis)

    @property
    def repeats(self) -> int:
        return max(REPEATS_LARGE, min(REPEATS, PEOPLE // self.study.n)) if self.is_fast else REPEATS_SLOW

    @property
    def draws(self) -> int:
        return max(DRAWS_LARGE, min(DRAWS, PEOPLE_NESTED // self.study.n)) if self.is_fast else DRAWS_SLOW

    def estimates(self, effect: float = 0.0, *, repeats: int, share: int = 1, is_wide: bool = False) -> Estimates:
        """The estimates under an effect; wide: with the priors as they were before calibration."""
        found = simulate(
            replace(self.study, use_calibration=False) if is_wide else self.study,
            self.seed,
            repeats,
            Effect(amount=effect),
            asked=[self.key],
            share_constants=share,
            executor=self.executor,
        )
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.steps)
        return computable(found, self.key)


def _grid(study: Study, *, is_fine: bool) -> tuple[float, ...]:
    grid = study.disease.tried if is_fine else study.disease.tried[::2]
    return tuple(sorted({*grid, *study.disease.effects.values()}))


def _tail(found: Estimates, result: Result, way: int) -> float:
    """The share of estimates at least as large as the result, or as small where `way` is -1."""
    estimates = found.estimate[np.isfinite(found.estimate)]
    return float(np.mean(way * (estimates - result.estimate) >= -1e-12))


def _chances(found: Estimates, result: Result, sign: int, analysis: Analysis) -> tuple[Chance, Chance]:
    """Of a result at least as good, and at least as bad, for each draw of the constants."""
    from scipy.stats import norm

    estimates, n = found.estimate.reshape(-1, SHARING), found.n.reshape(-1, SHARING)
    if analysis.method == "proportion":
        plain = tails = _binomial_tails(np.nansum(estimates * n, axis=1) / np.nansum(n, axis=1), n, result)
    else:
        judged_at = float(from_null(analysis, np.array([result.estimate]))[0])
        estimates = from_null(analysis, estimates)
        mean, sd = np.nanmean(estimates, axis=1), np.maximum(np.nanstd(estimates, axis=1, ddof=1), 1e-12)
        z = (judged_at - mean) / sd
        plain = (norm.sf(z), norm.cdf(z))
        mean = _shrunk(mean, float(np.mean(sd**2)) / SHARING)
        z = (judged_at - mean) / np.exp(_shrunk(np.log(sd), 0.5 / (SHARING - 1)))
        tails = (norm.sf(z), norm.cdf(z))
    above, below = (
        Chance(mean=float(each.mean()), error=float(raw.std(ddof=1) / np.sqrt(len(raw))), each=each)
        for each, raw in zip(tails, plain, strict=True)
    )
    return (above, below) if sign > 0 else (below, above)


def _binomial_tails(share: Floats, n: Floats, result: Result) -> tuple[Floats, Floats]:
    """Chances of a count at least as high, and as low, for each share [draw]."""
    from scipy.stats import binom

    of = result.of or int(np.nanmedian(n))
    # 0.536 of 233 is no whole count: the nearest, so that a rounded share counts as what it stood for.
    count = round(result.estimate * of)
    return np.asarray(binom.sf(count - 1, of, share)), np.asarray(binom.cdf(count, of, share))


def _shrunk(values: Floats, noise: float) -> Floats:
    """Values drawn nearer to their mean by what of their variance is Monte Carlo error, as James and Stein do.

    Without it twenty repeats with each draw would pass their own error off as a difference between draws.
    """
    spread = float(np.var(values, ddof=1))
    keep = max(0.0, 1.0 - noise / spread) if spread > 0.0 else 0.0
    return np.asarray(values.mean() + np.sqrt(keep) * (values - values.mean()))


def _odds_ratio(result: Result, found: Estimates, sign: int) -> float:
    """Of the result (half a person added to either side) against the median share with no effect."""
    shares = np.nanmean(found.estimate.reshape(-1, SHARING), axis=1)
    of = result.of or float(np.nanmedian(found.n))
    odds = (result.estimate * of + 0.5) / ((1.0 - result.estimate) * of + 0.5)
    middle = float(np.median(shares))
    ratio = odds / max(middle / max(1.0 - middle, 1e-9), 1e-9)
    return float(ratio**sign)


def judged(found: Estimates, null: Estimates, effect: float, result: Result, sign: int, analysis: Analysis) -> Judged:
    """What the design makes of one effect, from repeats with it and without; `sign` is 1 where more is better."""
    estimates = sign * from_null(analysis, found.estimate)
    expected = float(np.nanmean(estimates))
    gain = expected - float(np.nanmean(sign * from_null(analysis, null.estimate)))
    power = type_s = type_m = None
    if analysis.method in COMPARES_NOTHING:
        if analysis.method == "proportion" and gain > 1e-3:  # of a harm a naive reading is not exaggerated but wrong
            type_m = expected / gain
    else:
        significant = (found.p < ALPHA) & np.isfinite(estimates)
        right = np.sign(gain) if effect else 1.0
        power = float(np.mean(significant & (np.sign(estimates) == right)))
        if significant.any() and effect and abs(gain) > 1e-9:
            type_s = float(np.mean(np.sign(estimates[significant]) != right))
            type_m = float(np.mean(np.abs(estimates[significant])) / abs(gain))
    return Judged(
        effect=effect,
        expected=float(np.nanmean(found.estimate)),
        power=power,
        type_s=type_s,
        type_m=type_m,
        at_least_as_good=float(np.nanmean(sign * (found.estimate - result.estimate) >= -1e-12)),
    )
