"""Arms that leak: data in which the arm shows where it must not.

Three things are meant, each by a stated rule.

1. **A column reveals the arm.** A column of the patients other than the arm itself tells the arms apart without
   error: no word of it (or of a patient's identity, up to its digits) stands in two arms, or a threshold on its numbers
   (or on those in which identities end) parts them. Likewise, while analysts are blinded, a variable measured after
   allocation in one arm only.
2. **A baseline knows the arm.** In a randomised study, the means or shares of a covariate or of a baseline value differ
   between arms by more than allocation by chance allows. Such a value was likely measured after allocation,
   or by somebody who knew the arm, or the patients were not allocated at random.
3. **A time is on the wrong side of allocation**: azygos.study.check says that of each value.

For 1 and 2 the chance of it under random allocation must be below one in a million (`LIMIT`), so that an honest dataset
with a hundred columns is refused once in ten thousand times. A column with as many values as there are arms, one each,
looks like a code for the arm: for it one in a thousand is enough (`CODE_LIMIT`). Nothing is said where patients choose
their arm, but for 1 where analysts are blinded.
"""

import itertools
import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from azygos.errors import Problem
from azygos.study.dataset import Dataset
from azygos.study.design import Design

__all__ = ["LIMIT", "leaks", "log_chance_of_parting"]

LIMIT, CODE_LIMIT = 1e-6, 1e-3
OF_THE_ARM = ("subject", "arm", "received", "guess")


def leaks(dataset: Dataset, design: Design) -> Iterator[Problem]:
    """A problem for every column that gives the arm away."""
    if len(design.arms) < 2 or not (design.is_randomised or design.blinding.analysts):
        return
    arms = dataset.subjects["arm"]
    inside = arms != ""
    blind = design.blinding.analysts
    found = {name: column[inside] for name, column in dataset.subjects.columns.items() if _is_plain(name)}
    names = dataset.subjects["subject"][inside]
    identities = [("subject", _stems(names)), ("subject", _ends(names))]
    for name, column in (*found.items(), *identities):
        limit = CODE_LIMIT if _is_code(column, arms[inside]) else LIMIT
        if log_chance_of_parting(column, arms[inside]) < math.log(limit):
            what = f"column '{name}' tells the arms apart" + (": the analyst is to be blind to them" if blind else "")
            remedy = "leave it out" if blind else "see whether it was recorded after allocation, then leave it out"
            yield Problem(what, "subjects", remedy)
        elif design.is_randomised and name != "subject":
            yield from _unlike(f"column '{name}'", column, arms[inside])
    if design.is_randomised and design.baseline is not None:
        for variable in np.unique(dataset.values["variable"]):
            column = dataset.wide(str(variable), (design.baseline.name,))[inside, 0]
            yield from _unlike(f"{variable} at {design.baseline.name}", column, arms[inside])
    if blind:
        yield from _in_one_arm(dataset, design)


def _is_plain(name: str) -> bool:
    return name not in OF_THE_ARM and not name.startswith("followed")


def _is_code(column: NDArray[Any], arms: NDArray[Any]) -> bool:
    """Whether a column has as many values as there are arms."""
    there = column != "" if column.dtype.kind in "UO" else ~np.isnan(column.astype(float))
    return len(np.unique(column[there])) == len(np.unique(arms))


def _stems(names: NDArray[Any]) -> NDArray[Any]:
    """What identities have before their last digits: A-017 and A-018 share `A-`."""
    return np.array([re.sub(r"\d+$", "", str(name)) for name in names])


def _ends(names: NDArray[Any]) -> NDArray[Any]:
    """The numbers in which identities end, in the order of which an arm may stand; not a number where there is none."""
    found = [re.search(r"\d{1,15}$", str(name)) for name in names]
    return np.array([float(end.group()) if end else np.nan for end in found])


def log_chance_of_parting(column: NDArray[Any], arms: NDArray[Any]) -> float:
    """Logarithm of a bound on the chance that random allocation alone parts the arms so; 0 where they are not parted.

    n patients fall into arms of n_1, n_2, ... in n! / (n_1! n_2! ...) equally likely ways. Of those, at most k! (k arms
    in a row along the numbers) or as many as m words can be given to k arms, none left out, part them.
    """
    arms = np.asarray(arms)
    if column.dtype.kind not in "UO":
        numbers = column.astype(float)
        there = ~np.isnan(numbers)
        arms, numbers = arms[there], numbers[there]
        names = np.unique(arms)
        spans = sorted((numbers[arms == arm].min(), numbers[arms == arm].max()) for arm in names)
        parted = len(names) > 1 and all(one[1] < two[0] for one, two in itertools.pairwise(spans))
        if parted:
            return math.lgamma(len(names) + 1) - _log_ways(arms)
        column = numbers  # codes, such as 1 3 for one arm and 2 4 for the other
    names = np.unique(arms)
    words, places = np.unique(column, return_inverse=True)
    if len(names) < 2 or len(words) > len(arms) / 2:
        return 0.0
    pairs = np.unique(np.column_stack([places, np.unique(arms, return_inverse=True)[1]]), axis=0)
    if len(pairs) > len(words):
        return 0.0
    k, m = len(names), len(words)
    onto = sum((-1) ** i * math.comb(k, i) * (k - i) ** m for i in range(k))  # surjections of m words onto k arms
    return min(0.0, math.log(onto) - _log_ways(arms))


def _log_ways(arms: NDArray[Any]) -> float:
    sizes = np.unique(arms, return_counts=True)[1]
    return math.lgamma(len(arms) + 1) - sum(math.lgamma(size + 1) for size in sizes)


def _unlike(what: str, column: NDArray[Any], arms: NDArray[Any]) -> Iterator[Problem]:
    """A problem where a baseline differs between arms by more than chance."""
    p = _chance_of_difference(column, arms)
    if p < LIMIT:
        remedy = "see whether it was measured after allocation, or the arms were not allocated at random"
        yield Problem(
            f"{what} differs between arms more than allocation by chance allows (p = {p:.1g})", "subjects", remedy
        )


def _chance_of_difference(column: NDArray[Any], arms: NDArray[Any]) -> float:
    """p of the Kruskal-Wallis test for numbers, of the chi-squared test for words; 1 where neither can be had."""
    from scipy import stats

    names = np.unique(arms)
    if column.dtype.kind in "UO":
        words = np.unique(column)
        table = np.array([[np.sum((column == word) & (arms == arm)) for word in words] for arm in names])
        table = table[:, table.sum(axis=0) >= 10]  # rare words have no chi-squared distribution
        return float(stats.chi2_contingency(table).pvalue) if min(table.shape) > 1 and table.sum(1).all() else 1.0
    numbers = column.astype(float)
    groups = [numbers[(arms == arm) & ~np.isnan(numbers)] for arm in names]
    pooled = np.concatenate(groups)
    if min(len(group) for group in groups) < 5 or np.ptp(pooled) == 0.0:
        return 1.0
    return float(stats.kruskal(*groups).pvalue)


def _in_one_arm(dataset: Dataset, design: Design) -> Iterator[Problem]:
    """Variables that were measured after allocation in one arm only, while each arm has ten patients or more."""
    later = dataset.values.where(np.isin(dataset.values["visit"], [visit.name for visit in design.follow_ups]))
    arms = dataset.subjects["arm"][dataset.rows_of(later["subject"])]
    present = [arm.name for arm in design.arms if np.sum(dataset.subjects["arm"] == arm.name) >= 10]
    for variable in np.unique(later["variable"]):
        having = set(arms[later["variable"] == variable]) - {""}
        if len(present) > 1 and len(having) == 1 and np.sum(later["variable"] == variable) >= 10:
            what = f"{variable} is measured in one arm only: the analyst is to be blind to them"
            yield Problem(what, "values", "leave it out")
