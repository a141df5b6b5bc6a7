"""An analysis under one way of dealing with missing values."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.study.counts import counts_of
from azygos.study.method import METHODS
from azygos.study.question import Answer, Floats, Question
from azygos.study.scores import one_sided, summaries

__all__ = ["answers"]

Strategy: TypeAlias = Literal["mar", "jump-to-reference", "copy-reference", "copy-increments"]

SEED = 1  # of imputed values: the same data give the same answer
TIPPING = "tipping point"
FARTHEST, DELTAS = 2.0, 9  # standard deviations to look on either side, and at how many places first
IMPUTATIONS = 50  # as many as the percentage missing, and more (White, Royston and Wood 2011, Stat Med 30:377)


def answers(question: Question, handling: str) -> list[Answer]:
    """What the question's method finds, missing values dealt with as told (a key of HANDLINGS)."""
    return _HANDLED[handling](question)


def _complete(question: Question) -> list[Answer]:
    return METHODS[question.analysis.method].function(question)


def _filled(question: Question, control: float, other: float) -> list[Answer]:
    """Missing values of the control arm, and those of the others, counted as one thing."""
    is_control = question.members(0) if len(question.names) > 1 else np.zeros(len(question.group), dtype=bool)
    stand_in = np.where(is_control, control, other)
    return _complete(replace(question, values=np.where(question.observed, question.values, stand_in)))


def _good(question: Question) -> float:
    return 1.0 if question.endpoint is not None and question.endpoint.is_better_high else 0.0


def _failures(question: Question) -> list[Answer]:
    return _filled(question, 1.0 - _good(question), 1.0 - _good(question))


def _worst(question: Question) -> list[Answer]:
    return _filled(question, _good(question), 1.0 - _good(question))


def _best(question: Question) -> list[Answer]:
    return _filled(question, 1.0 - _good(question), _good(question))


def _tip(question: Question) -> list[Answer]:
    is_binary = question.endpoint is not None and question.endpoint.kind == "binary"
    return [_tip_of_counts(question) if is_binary else _tip_of_scores(question)]


def _tip_of_counts(question: Question) -> Answer:
    """In how many of all the ways in which the missing may have done the answer is another than of complete cases."""
    from azygos.statistics.difference import risk_difference_interval
    from azygos.statistics.missing_bounds import binary_tipping_point

    (x0, n0), (x1, n1) = counts_of(question)
    m0, m1 = (int(question.members(place).sum()) - n for place, n in enumerate((n0, n1)))
    if min(n0, n1) == 0:
        return Answer(measure=TIPPING, null=None, remark="an arm has nobody with a value")
    found = binary_tipping_point(x1, n1, m1, x0, n0, m0, level=question.level)
    seen = risk_difference_interval(x1, n1, x0, n0, level=question.level)
    changed = _side(found.lower, found.upper) != _side(np.array(seen.lower), np.array(seen.upper))
    told = (
        f"of {changed.size} ways in which the {m0 + m1} missing may have done, {int(changed.sum())} change the answer"
    )
    if changed.any():
        ways = np.argwhere(changed)
        k1, k0 = min(ways.tolist(), key=lambda way: abs(way[0] / max(m1, 1) - way[1] / max(m0, 1)))
        told += (
            f"; with the arms' shares nearest: {k1} of {m1} in {question.names[1]}, {k0} of {m0} in {question.names[0]}"
        )
    return Answer(measure=TIPPING, null=None, remark=told)


def _side(lower: Floats, upper: Floats) -> NDArray[np.int64]:
    """1 where the interval lies above zero, -1 below, 0 across."""
    return np.where(lower > 0.0, 1, np.where(upper < 0.0, -1, 0)).astype(np.int64)


def _longitudinal(question: Question) -> tuple[Question, Floats | None]:
    """The subjects with a baseline and every covariate, and their covariates beside the baseline."""
    kept = np.array(~np.isnan(question.covariates()).any(axis=1))
    own = replace(question, baseline=None).covariates()[kept]
    own = own[:, np.ptp(own, axis=0) > 0.0] if own.size else own
    some = replace(
        question,
        group=question.group[kept],
        grid=question.grid[kept],
        values=question.values[kept],
        baseline=None if question.baseline is None else question.baseline[kept],
        dataset=replace(question.dataset, subjects=question.dataset.subjects.where(kept)),
    )
    return some, own if own.shape[1] else None


def _tip_of_scores(question: Question) -> Answer:
    """How much worse than at random the missing of the other arm must have done for the answer to change."""
    from azygos.statistics.reference_imputation import tipping_point

    some, own = _longitudinal(question)
    seen = some.values[some.observed]
    far = FARTHEST * float(seen.std(ddof=1)) if len(seen) > 1 else 1.0
    found = tipping_point(
        some.grid, some.labels, np.linspace(-far, far, DELTAS).tolist(), baseline=some.baseline, covariates=own,
        control=some.names[0], imputations=IMPUTATIONS, level=some.level, seed=SEED,
    )  # fmt: skip
    unit = question.endpoint.unit if question.endpoint else ""
    if found.tipping is None:
        told = (
            f"the answer stays the same however the missing did, up to {far:.3g} {unit} from what is likely at random"
        )
    else:
        told = (
            f"the answer changes if the missing of {some.names[1]} are {found.tipping:+.3g} {unit} from what is likely"
        )
    return Answer(measure=TIPPING, unit=unit, null=None, remark=told)


def _imputed(strategy: Strategy) -> Callable[[Question], list[Answer]]:
    def found(question: Question) -> list[Answer]:
        from azygos.statistics.reference_imputation import reference_based_analysis

        some, own = _longitudinal(question)
        pooled = reference_based_analysis(
            some.grid, some.labels, strategy=strategy, baseline=some.baseline, covariates=own, control=some.names[0],
            imputations=IMPUTATIONS, level=some.level, seed=SEED,
        )  # fmt: skip
        return [
            Answer(
                measure="adjusted difference of means",
                unit=question.endpoint.unit if question.endpoint else "1",
                interval=pooled.effect.interval,
                test=one_sided(pooled.effect.test, question.analysis.alternative),
                summaries=summaries(question),
                remark=f"{100.0 * pooled.missing_information:.0f} % of the information is missing",
            )
        ]

    return found


_HANDLED: Mapping[str, Callable[[Question], list[Answer]]] = MappingProxyType(
    {
        "complete cases": _complete,
        "failures": _failures,
        "worst case": _worst,
        "best case": _best,
        "tipping point": _tip,
        "multiple imputation": _imputed("mar"),
        "jump to reference": _imputed("jump-to-reference"),
        "copy reference": _imputed("copy-reference"),
        "copy increments": _imputed("copy-increments"),
    }
)
