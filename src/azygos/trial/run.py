"""Many repeats of a study, block by block: what its analyses find in each.

Repeat 17 is the same whoever computes it, and however many are asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem
from azygos.study.analysis import analyse
from azygos.study.dataset import Dataset
from azygos.study.design import Analysis
from azygos.trial.conduct import recorded
from azygos.trial.outcome import Estimates, analysed, is_quick
from azygos.trial.prior import Constants
from azygos.trial.study import Effect, Study
from azygos.trial.world import repeats_of, world

__all__ = ["Asked", "Mapper", "Progress", "Repeats", "asked_of", "computable", "only_tests", "simulate"]

Floats: TypeAlias = NDArray[np.float64]
Progress: TypeAlias = Callable[[int, int], None]  # repeats done, of so many
Asked: TypeAlias = tuple[str, str]  # analysis, arm ("" where it compares arms)
Result = TypeVar("Result")

COMPARES_NOTHING = ("proportion", "mean")
ONLY_TESTS = ("log-rank",)  # a p and no estimate: power can be counted, a result not be placed among effects
MOST_LACKING = 0.2  # share of repeats without an estimate that a verdict still bears
SKIPPED = ("adverse events", "blinding index", "kaplan-meier", "cumulative incidence")


class Mapper(Protocol):
    """Who computes: an Executor of concurrent.futures, or whoever maps as it does."""

    def map(self, function: Callable[..., Result], /, *of: Iterable[Any]) -> Iterator[Result]: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeats:
    """What the analyses found in each repeat."""

    study: Study
    effect: Effect
    seed: int
    of: Mapping[Asked, Estimates]
    constants: Constants = field(repr=False)

    def __len__(self) -> int:
        return len(next(iter(self.of.values())).estimate)


def asked_of(study: Study) -> tuple[Asked, ...]:
    """The planned analyses with an estimate, the primary first; those of one arm, arm by arm."""
    design = study.design
    ordered = sorted(design.analyses, key=lambda analysis: analysis.role != "primary")
    found: list[Asked] = []
    for analysis in ordered:
        if analysis.method in SKIPPED or not analysis.endpoint:
            continue
        arms = [arm.name for arm in design.arms] if analysis.method in COMPARES_NOTHING else [""]
        found += [(analysis.name, arm) for arm in arms]
    return tuple(found)


def simulate(
    study: Study,
    seed: int,
    repeats: int,
    effect: Effect | None = None,
    *,
    asked: Iterable[Asked] | None = None,
    share_constants: int = 1,
    progress: Progress | None = None,
    executor: Mapper | None = None,
) -> Repeats:
    """The analyses `asked` for (by default all) in so many repeats; `share_constants` of them in a row share theirs."""
    wanted = tuple(asked_of(study) if asked is None else asked)
    effect = effect or Effect()
    size = repeats_of(study)
    blocks = range(-(-repeats // size))
    task = partial(_block, study, seed, effect, wanted, share_constants, repeats)
    done: list[tuple[dict[Asked, Estimates], Constants]] = []
    results: Iterator[tuple[dict[Asked, Estimates], Constants]] = (map if executor is None else executor.map)(
        task, blocks
    )
    for result in results:
        done.append(result)
        if progress is not None:
            progress(min(len(done) * size, repeats), repeats)
    return Repeats(
        study=study,
        effect=effect,
        seed=seed,
        of={key: _joined([of[key] for of, _ in done], repeats) for key in wanted},
        constants={name: np.concatenate([c[name] for _, c in done])[:repeats] for name in done[0][1]},
    )


def computable(found: Repeats, key: Asked) -> Estimates:
    """The estimates of an analysis; raises InputError where in many repeats there was nothing to estimate."""
    if said := only_tests(found.study, key):
        raise InputError(Problem(said, found.study.name, "make cox or rmst of the same endpoint primary"))
    lacking = float(np.mean(~np.isfinite(found.of[key].estimate)))
    if lacking > MOST_LACKING:
        what = f"analysis '{key[0]}' found nothing to estimate in {100 * lacking:.0f} % of the repeats"
        remedy = "too few people, or outcomes that do not vary: give it more of either"
        raise InputError(Problem(what, found.study.name, remedy))
    return found.of[key]


def only_tests(study: Study, key: Asked) -> str:
    """That an analysis gives no estimate, only a p; empty where it gives one."""
    method = next(one.method for one in study.design.analyses if one.name == key[0])
    return f"analysis '{key[0]}' ({method}) gives a p and no estimate that could be judged" * (method in ONLY_TESTS)


def _joined(parts: list[Estimates], repeats: int) -> Estimates:
    return Estimates(
        estimate=np.concatenate([part.estimate for part in parts])[:repeats],
        p=np.concatenate([part.p for part in parts])[:repeats],
        n=np.concatenate([part.n for part in parts])[:repeats],
    )


def _block(
    study: Study, seed: int, effect: Effect, wanted: tuple[Asked, ...], share_constants: int, repeats: int, block: int
) -> tuple[dict[Asked, Estimates], Constants]:
    plans = {analysis.name: analysis for analysis in study.design.analyses}
    is_all_quick = all(is_quick(study.design, plans[name]) for name, _ in wanted)
    known = world(study, seed, block, effect, share_constants=share_constants, with_harms=not is_all_quick)
    found = {}
    for name, arm in wanted:
        plan = plans[name]
        if is_quick(study.design, plan):
            found[name, arm] = analysed(known, plan, arm)
        else:
            asked = min(len(known.arm), repeats - block * len(known.arm))  # an analyst is slow: no more than are wanted
            rows = [_by_the_analyst(study, recorded(known, row), plan, arm) for row in range(asked)]
            estimate, p, n = np.array(rows).T
            found[name, arm] = Estimates(estimate=estimate, p=p, n=n)
    return found, known.constants


def _by_the_analyst(study: Study, dataset: Dataset, plan: Analysis, arm: str) -> tuple[float, float, float]:
    """Estimate, p and number analysed as azygos.study.analysis gives them; not numbers where it could not be done."""
    alone = replace(study.design, analyses=(replace(plan, sensitivity=()),))
    for result in analyse(alone, dataset).results:
        answer = result.answer
        if answer.is_aside or (arm and answer.arm != arm) or (answer.interval is None and answer.test is None):
            continue
        p = float("nan") if answer.test is None else answer.test.p
        estimate = float("nan") if answer.interval is None else answer.interval.estimate
        return estimate, p, float(sum(summary.analysed for summary in answer.summaries))
    return (float("nan"),) * 3
