"""What an audit says of one printed number."""

from dataclasses import dataclass
from enum import Enum

__all__ = ["Finding", "Verdict"]


class Verdict(Enum):
    """How a printed number stands to what its neighbours give."""

    CONSISTENT = ("consistent", 0, "recomputed to every printed digit")
    UNCHECKED = ("cannot be checked", 1, "what would be needed is not printed")
    ROUNDING = ("rounding only", 2, "within what rounding or cutting off digits can do")
    CONFLICT = ("conflicting", 3, "no rounding reconciles it with the other numbers")

    def __init__(self, label: str, gravity: int, sentence: str) -> None:
        self.label, self.gravity, self.sentence = label, gravity, sentence

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of an audit: a printed number beside the recomputed one."""

    claim: str  # its name
    what: str  # percentage, odds ratio, p-value, mean (GRIM), ...
    stated: str
    recomputed: str  # empty where nothing can be
    verdict: Verdict
    reason: str
    method: str = ""
    place: str = ""  # "file.yaml:12"
