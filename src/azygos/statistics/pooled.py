"""`meta_analysis` of a file of studies."""

from azygos.errors import InputError, Problem
from azygos.statistics.meta import (
    Measure,
    Meta,
    PooledInterval,
    Prediction,
    TauMethod,
    egger_test,
    meta_analysis,
    study_effects,
)
from azygos.statistics.result import Test
from azygos.statistics.root import Array
from azygos.statistics.strata import counted
from azygos.statistics.table import Table

__all__ = ["egger_test_of", "meta_analysis_of"]

ESTIMATES = ("estimate", "yi", "effect")
SPREADS = ("variance", "vi", "se", "sei")


def meta_analysis_of(
    table: Table,
    *,
    method: TauMethod = "REML",
    interval: PooledInterval = "wald",
    prediction: Prediction = "as-interval",
    level: float = 0.95,
    measure: Measure = "risk-ratio",
) -> Meta:
    """`meta_analysis` of the rows of a file.

    Its columns are estimate (or yi) with variance (vi) or se (sei); or counts x1, n1, x2, n2, of which n are sizes of
    groups; or tpos, tneg, cpos, cneg (ai, bi, ci, di), all counts, from which `measure` is computed.
    """
    y, v = _effects(table, measure)
    return meta_analysis(y, v, method=method, interval=interval, prediction=prediction, level=level)


def egger_test_of(table: Table, *, measure: Measure = "risk-ratio") -> Test:
    """`egger_test` of the rows of a file, with the columns of `meta_analysis_of`."""
    return egger_test(*_effects(table, measure))


def _effects(table: Table, measure: Measure) -> tuple[Array, Array]:
    estimate = next((name for name in ESTIMATES if table.has((name,))), None)
    spread = next((name for name in SPREADS if table.has((name,))), None)
    if estimate is not None and spread is not None:
        y, v = table.numbers(estimate, spread)
        return y, v**2 if spread in ("se", "sei") else v
    counts = counted(table)
    if counts is not None:
        return study_effects(*counts, measure=measure)
    what = f"the columns {', '.join(table.columns)} do not make an effect and its variance"
    remedy = "give estimate and variance, or estimate and se, or x1, n1, x2, n2, or tpos, tneg, cpos, cneg"
    raise InputError(Problem(what, table.source, remedy))
