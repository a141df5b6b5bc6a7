"""What is said of the months after a treatment: the day that was reached, what happened, whose curves were used."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azygos.therapy.healing import Course, Event

__all__ = ["FollowUp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A course up to the day asked for; None: nobody asked."""

    days: float | None
    death: float
    events: "tuple[Event, ...]"
    remarks: tuple[str, ...]
    is_repeated: bool
    has_anticoagulation: bool

    @classmethod
    def of(cls, course: "Course", days: float | None) -> "FollowUp":
        return cls(
            days=days,
            death=course.death,
            events=() if days is None else course.events(days),
            remarks=() if days is None else (*course.remarks, *course.beyond(min(days, course.death))),
            is_repeated=course.repeat,
            has_anticoagulation=course.anticoagulation,
        )

    @property
    def is_over(self) -> bool:
        """Whether the patient does not live to see the day."""
        return self.days is not None and self.death < self.days

    @property
    def stage_day(self) -> float | None:
        """The day on which the patient is looked at again."""
        return None if self.is_over else self.days

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a reader of the table must know beside it."""
        if self.days is None:
            return ()
        when = f"The patient died on day {self.death:.0f} and was not followed to day {self.days:.0f}."
        if not self.is_over:
            more = "" if self.has_anticoagulation else ", without medicine against clots"
            more += "; what had closed by a visit was opened again" if self.is_repeated else ""
            when = f"The follow-up is on day {self.days:.0f} after the procedure{more}."
        return (when, *(f"{text[:1].upper()}{text[1:]}." for text in self.remarks))

    def as_json(self) -> dict[str, Any]:
        if self.days is None:
            return {}
        events = [{"day": e.day, "vessel": e.vessel, "lesion": e.lesion, "what": e.what} for e in self.events]
        died = None if self.death == math.inf else self.death
        said = {"day": self.days, "reached": not self.is_over, "died_on_day": died}
        return {"follow_up": said | {"events": events, "remarks": list(self.remarks)}}
