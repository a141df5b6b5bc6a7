"""One planned analysis as numbers: what a method of `azygos.study.methods` is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.statistics.result import Interval, Test
from azygos.study.dataset import Dataset
from azygos.study.design import Analysis, Design, Endpoint

__all__ = ["Answer", "Floats", "Question", "Summary"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One arm in an analysis."""

    arm: str
    allocated: int
    analysed: int
    shown: str  # what was seen, such as "48/89" or "-4.1 (sd 12.0)"
    interval: Interval | None = None
    events: int = 0  # seen, where the endpoint is a time to one


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one method found: a measure with its interval, a test, or both."""

    measure: str  # such as "risk difference"
    arm: str = ""  # of which it is, where it compares nothing
    unit: str = "1"
    interval: Interval | None = None
    test: Test | None = None
    null: float | None = 0.0  # the value of the measure where arms do not differ; None: the measure compares nothing
    summaries: tuple[Summary, ...] = ()
    curves: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)  # by arm: days, share
    visit: str = ""  # of which it is, where that is not the one asked for
    is_aside: bool = False  # beside the answer asked for, such as that at an earlier visit
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """The subjects of the arms compared, in the order of `names`; group 0 is the control where there are two."""

    design: Design
    analysis: Analysis
    dataset: Dataset  # of these subjects
    names: tuple[str, ...]  # of the arms
    group: NDArray[np.int64]  # [subject], a place in names
    endpoint: Endpoint | None = None
    values: Floats = field(default_factory=lambda: np.empty(0))  # [subject] of the endpoint, missing: not a number
    baseline: Floats | None = None  # [subject] of the endpoint's variable
    grid: Floats = field(default_factory=lambda: np.empty((0, 0)))  # [subject, follow-up visit]
    visits: tuple[str, ...] = ()  # of the grid
    times: Floats = field(default_factory=lambda: np.empty(0))  # [subject, day] to the event or to the last day known
    happened: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))  # 1 the event, 2 another

    @property
    def labels(self) -> NDArray[np.str_]:
        """The arm's name of every subject."""
        return np.array(self.names)[self.group]

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Who has a value."""
        return np.asarray(~np.isnan(self.values))

    @property
    def level(self) -> float:
        return self.analysis.level

    def members(self, place: int) -> NDArray[np.bool_]:
        return np.asarray(self.group == place)

    def split(self) -> tuple[Floats, ...]:
        """The observed values of each arm."""
        return tuple(self.values[self.observed & self.members(place)] for place in range(len(self.names)))

    def covariates(self) -> Floats:
        """The baseline, where change or its adjustment wants one, and the covariates, words as indicators."""
        columns: list[Floats] = [] if self.baseline is None else [self.baseline]
        for name in self.analysis.covariates:
            columns += _numbers(self.dataset.subjects[name])
        return np.column_stack(columns) if columns else np.empty((len(self.group), 0))

    def strata(self) -> NDArray[np.int64]:
        """The stratum, by number, that the covariates put each subject in."""
        columns = [self.dataset.subjects[name].astype(str) for name in self.analysis.covariates]
        if not columns:
            return np.zeros(len(self.group), dtype=np.int64)
        words = np.array(["\0".join(row) for row in zip(*columns, strict=True)])
        return np.unique(words, return_inverse=True)[1].astype(np.int64)

    def summary(self, place: int, shown: str, analysed: int, interval: Interval | None = None) -> Summary:
        allocated = int(self.members(place).sum())
        return Summary(arm=self.names[place], allocated=allocated, analysed=analysed, shown=shown, interval=interval)


def _numbers(column: NDArray[Any]) -> list[Floats]:
    """A column of numbers as it is; of words, one of zeros and ones for every word but the first."""
    if column.dtype.kind not in "UO":
        return [column.astype(float)]
    return [(column == word).astype(float) for word in np.unique(column)[1:]]
