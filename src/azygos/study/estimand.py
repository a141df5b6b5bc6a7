"""What a study sets out to estimate, with the five attributes of ICH E9(R1) (2019), section A.3."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

__all__ = ["STRATEGIES", "Estimand", "Strategy"]

Strategy: TypeAlias = Literal[
    "treatment policy", "hypothetical", "composite", "while on treatment", "principal stratum"
]
STRATEGIES: tuple[str, ...] = get_args(Strategy)  # for intercurrent events: ICH E9(R1), section A.3.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimand:
    """A target of estimation: who, on what, measured how, whatever happens meanwhile, summed up as what."""

    name: str
    population: str  # the patients the answer is about
    treatment: str  # what is compared with what
    variable: str  # what is measured of each patient, and when
    intercurrent: tuple[tuple[str, Strategy], ...] = ()  # an event after treatment began, and how it is dealt with
    summary: str  # the measure that compares the arms, such as "difference of means"

    def __str__(self) -> str:
        events = "; ".join(f"{event}: {strategy}" for event, strategy in self.intercurrent) or "none foreseen"
        return (
            f"{self.summary} of {self.variable}, {self.treatment}, in {self.population} (intercurrent events: {events})"
        )
