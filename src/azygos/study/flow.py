"""Who went through a study: the numbers of a CONSORT flow diagram (Hopewell 2025, BMJ 389:e081123)."""

from dataclasses import dataclass

import numpy as np

from azygos.study.dataset import LOST, Dataset
from azygos.study.design import Design

__all__ = ["STAND_INS", "ArmFlow", "Flow", "flow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFlow:
    """What became of those in one arm."""

    arm: str
    allocated: int
    received: int | None  # the arm's own treatment; None: not recorded
    lost: tuple[tuple[str, int], ...]  # by what is recorded of them
    silent: int  # neither lost on record nor with a value in the primary analysis
    analysed: int  # in the primary analysis
    filled: int = 0  # of them without a value, for which another stood in
    stand_in: str = ""  # what did, such as "counted as failures"

    @property
    def in_analysis(self) -> str:
        """Such as `89 in the primary analysis, 8 counted as failures`."""
        return f"{self.analysed} in the primary analysis" + (f", {self.filled} {self.stand_in}" if self.filled else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """From enrolment to analysis."""

    enrolled: int
    excluded: int  # enrolled and in no arm
    arms: tuple[ArmFlow, ...]

    def __str__(self) -> str:
        lines = [f"{self.enrolled} enrolled" + (f", {self.excluded} in no arm" if self.excluded else "")]
        for arm in self.arms:
            lost = "".join(f", {count} {reason}" for reason, count in arm.lost)
            silent = f", {arm.silent} without a value" if arm.silent else ""
            filled = f", {arm.filled} of them {arm.stand_in}" if arm.filled else ""
            lines.append(f"  {arm.arm}: {arm.allocated} allocated{lost}{silent}, {arm.analysed} analysed{filled}")
        return "\n".join(lines)


STAND_INS = {  # by the handling of missing values; of any other they are imputed
    "failures": "counted as failures",
    "worst case": "counted as the worst for the treatment",
    "best case": "counted as the best for the treatment",
}


def flow(
    design: Design,
    dataset: Dataset,
    has_value: np.ndarray[tuple[int], np.dtype[np.bool_]],
    handling: str = "complete cases",
) -> Flow:
    """The counts of a dataset; `has_value` says who has a value in the primary analysis.

    Who has none is in it all the same where `handling` puts another value in its place.
    """
    arms = dataset.subjects["arm"]
    return Flow(
        enrolled=len(dataset),
        excluded=int(np.sum(arms == "")),
        arms=tuple(_arm_flow(dataset, arm.name, has_value, handling) for arm in design.arms),
    )


def _arm_flow(
    dataset: Dataset, arm: str, has_value: np.ndarray[tuple[int], np.dtype[np.bool_]], handling: str
) -> ArmFlow:
    inside = dataset.subjects["arm"] == arm
    received = int(np.sum(dataset.subjects["received"][inside] == arm)) if "received" in dataset.subjects else None
    days = np.stack([dataset.first_day((reason,)) for reason in LOST])
    first = np.where(np.isinf(days.min(axis=0)), -1, days.argmin(axis=0))
    lost = tuple(
        (reason, int(np.sum(inside & ~has_value & (first == place))))
        for place, reason in enumerate(LOST)
        if np.any(inside & ~has_value & (first == place))
    )
    filled = 0 if handling in ("complete cases", "tipping point") else int(np.sum(inside & ~has_value))
    return ArmFlow(
        arm=arm,
        allocated=int(inside.sum()),
        received=received,
        lost=lost,
        silent=int(np.sum(inside & ~has_value & (first < 0))),
        analysed=int(np.sum(inside & has_value)) + filled,
        filled=filled,
        stand_in=STAND_INS.get(handling, "imputed"),
    )
