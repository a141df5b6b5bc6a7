"""What a procedure leaves behind: the operator's notes and looks, what went wrong, and the patient before and after."""

import math
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from azygos.body.body import Body
from azygos.instruments.recording import Recording
from azygos.shown import html
from azygos.therapy.complications import DEATH, Complication, Draws
from azygos.therapy.healing import Course
from azygos.therapy.inflation import Inflation
from azygos.therapy.procedure import Stage, Treatment
from azygos.therapy.protocol import Protocol

__all__ = ["Entry", "Look", "Procedure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the operator's notes: the step, and what was seen or done."""

    step: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the operator saw at one time: the venogram of all vessels, and pressures beside what looked narrow."""

    step: str
    recordings: tuple[Recording, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Procedure:
    """A procedure as it went. `treatment` holds the truth before and after it, `looks` what the operator saw."""

    protocol: Protocol
    seed: int | None  # None: nothing was left to chance
    sham: bool
    treatment: Treatment
    notes: tuple[Entry, ...]
    looks: tuple[Look, ...]
    complications: tuple[Complication, ...]
    draws: Draws
    inflations: tuple[Inflation, ...] = ()

    _repr_html_ = html  # of a notebook

    @property
    def body(self) -> Body:
        """The patient as the procedure leaves him."""
        return self.treatment.stages[-1].body

    @property
    def death(self) -> float:
        """The day after the procedure on which the patient dies of it."""
        return next((c.day for c in self.complications if c.event == DEATH), math.inf)

    @property
    def harm(self) -> tuple[str, ...]:
        """The complications in words, or that there are none."""
        none = "none" if self.seed is not None else "not drawn without a seed"
        return tuple(map(str, self.complications)) or (none,)

    def course(self, *, anticoagulation: bool = True, repeat: bool = False) -> Course:
        """The months after it, with the clots and the death that were drawn for this procedure."""
        return Course(start=self.body, seed=self.seed, anticoagulation=anticoagulation, repeat=repeat, death=self.death)

    def with_stage(self, stage: Stage) -> "Procedure":
        """With what was found later."""
        return replace(self, treatment=Treatment(stages=(*self.treatment.stages, stage)))

    def as_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`."""
        return {
            "protocol": self.protocol.name,
            "seed": self.seed,
            "sham": self.sham,
            "notes": [{"step": entry.step, "text": entry.text} for entry in self.notes],
            "complications": [
                {"event": c.event, "grade": c.grade, "where": c.where, "day": c.day} for c in self.complications
            ],
            "complications_drawn": self.seed is not None,
            "died_on_day": None if self.death == math.inf else self.death,
        }

    def __repr__(self) -> str:
        seed = "without a seed" if self.seed is None else f"seed {self.seed}"
        steps = [(step, [entry.text for entry in found]) for step, found in groupby(self.notes, lambda e: e.step)]
        lines = [f"{'Sham procedure' if self.sham else 'Procedure'} '{self.protocol.name}', {seed}"]
        for step, texts in steps:
            lines += [f"├── {step}", *(f"│   ├── {text}" for text in texts[:-1]), f"│   └── {texts[-1]}"]
        return "\n".join([*lines, f"└── complications: {'; '.join(self.harm)}"])
