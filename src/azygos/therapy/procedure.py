"""A treatment: the circulation as it is, after a balloon, and after a stent where the balloon was not enough."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from azygos.body.body import Body
from azygos.body.lesion import Stenosis
from azygos.body.network import Network
from azygos.body.parts import lying_pressure
from azygos.body.steady import area_ratio
from azygos.engine.keep import Keep
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solution
from azygos.engine.solve import Beat, Numerics, simulate
from azygos.shown import html
from azygos.therapy import reading, response
from azygos.therapy.device import Balloon, Stent
from azygos.therapy.subject import as_body
from azygos.units import mm

__all__ = [
    "SIMULATED", "STENT_THRESHOLD", "USABLE", "Stage", "Treatment", "pressed", "read_stage", "treat", "vein_diameter",
]  # fmt: skip

SIMULATED = "Simulated, for research and teaching, not for care."
# Narrowing of diameter above which a stent follows the balloon: the customary 50 % (Brave Dreams, Trials 2012;13:183).
STENT_THRESHOLD = 0.5
NARROWING = "narrowing [% of diameter of the vessel lying]"  # the lumen that is solved for follows the pressure
USABLE = (Outcome.ok, Outcome.choked)  # a treatment goes on; what a choked vein says is not to be trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A body at one point of its treatment, solved and read. Keys of the readings: see `reading.LABELS`."""

    name: str  # before, balloon or stent
    body: Body
    solution: Solution
    devices: Mapping[str, str]  # lesion -> what was done to it in this stage, such as "balloon 14 mm"
    flow_ml_min: Mapping[str, float]
    pressure_mmhg: Mapping[str, float]
    gradient_mmhg: Mapping[str, float]  # across each lesion
    narrowing: Mapping[str, float]  # by each lesion, of the diameter that the vein has there lying, at 6.5 mmHg; of a
    # compression what the solution leaves

    def as_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; what is not finite is None."""
        solve = self.solution.solve
        return {
            "name": self.name,
            "flow_ml_min": _plain(self.flow_ml_min),
            "pressure_mmhg": _plain(self.pressure_mmhg),
            "gradient_mmhg": _plain(self.gradient_mmhg),
            "narrowing": _plain(self.narrowing),
            "solve": {
                "outcome": solve.outcome.name,
                "beats": solve.beats,
                "residual": _finite(solve.residual),
                "volume_error": _finite(solve.volume_error),
                "wall_s": _finite(solve.wall_s),
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Treatment:
    """The stages of a treatment, in their order. A stage whose solve failed is the last."""

    stages: tuple[Stage, ...]

    _repr_html_ = html  # of a notebook

    @property
    def outcome(self) -> Outcome:
        """Ok when every stage is, else that of the first which is not."""
        return next((s.solution.outcome for s in self.stages if s.solution.outcome is not Outcome.ok), Outcome.ok)

    @property
    def is_usable(self) -> bool:
        """Whether every stage gave numbers, if only with a warning."""
        return all(stage.solution.outcome in USABLE for stage in self.stages)

    @property
    def left_narrow(self) -> list[str]:
        """A sentence for every lesion of which a device left more than STENT_THRESHOLD of the diameter narrowed."""
        return [
            f"{_when(stage)} more than {100 * STENT_THRESHOLD:.0f} % of the diameter is still narrowed: "
            f"{reading.label(name)}, {100 * narrowing:.0f} %."
            for stage in self.stages[1:]
            for name, narrowing in stage.narrowing.items()
            if narrowing > STENT_THRESHOLD
        ]

    def stage(self, name: str) -> Stage:
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(f"no stage '{name}'; there are {', '.join(stage.name for stage in self.stages)}")

    def as_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; what is not finite is None."""
        stages = [stage.as_json() for stage in self.stages]
        return {"outcome": self.outcome.name, "note": SIMULATED, "stages": stages}

    def table(self) -> list[tuple[str, list[tuple[str, list[str]]]]]:
        """The readings as text: sections with a title, rows with a label, a cell per stage."""
        lesions, flows = list(self.stages[0].narrowing), list(self.stages[0].flow_ml_min)
        arterial = [key for key in self.stages[0].pressure_mmhg if key.startswith("arterial_")]
        venous = [key for key in self.stages[0].pressure_mmhg if key not in arterial]

        def rows(keys: list[str], cell: Callable[[Stage, str], str]) -> list[tuple[str, list[str]]]:
            return [(reading.label(key), [_cell(cell, stage, key) for stage in self.stages]) for key in keys]

        sections = [
            ("done", rows(lesions, lambda s, key: s.devices.get(key, "-"))),
            (NARROWING, rows(lesions, lambda s, key: f"{100 * s.narrowing[key]:.0f}")),
            ("gradient across the lesion [mmHg]", rows(lesions, lambda s, key: f"{s.gradient_mmhg[key]:.2f}")),
            ("mean flow towards the heart [mL/min]", rows(flows, lambda s, key: f"{s.flow_ml_min[key]:.0f}")),
            ("mean pressure [mmHg]", rows(venous, lambda s, key: f"{s.pressure_mmhg[key]:.2f}")),
            ("pressure in the ascending aorta [mmHg]", rows(arterial, lambda s, key: f"{s.pressure_mmhg[key]:.1f}")),
        ]
        return [section for section in sections if section[1]]

    def __repr__(self) -> str:
        lines = [f"Treatment of '{self.stages[0].body.name}': {self.outcome.name}"]
        for i, stage in enumerate(self.stages):
            bar, branch = ("    ", "└── ") if i == len(self.stages) - 1 else ("│   ", "├── ")
            lines.append(f"{branch}{stage.name}")
            for j, (name, narrowing) in enumerate(stage.narrowing.items()):
                end = "└── " if j == len(stage.narrowing) - 1 else "├── "
                did = f"{stage.devices[name]}, " if name in stage.devices else ""
                gradient = f"gradient {stage.gradient_mmhg.get(name, math.nan):.2f} mmHg"
                lines.append(f"{bar}{end}{name}: {did}narrowing {100 * narrowing:.0f} % of diameter, {gradient}")
        return "\n".join(lines)


def _when(stage: Stage) -> str:
    return "At follow-up" if stage.name == "follow-up" else f"After the {stage.name}"


def treat(
    body: Body | Network,
    *,
    balloon: Balloon | None = None,
    stent: Stent | None = None,
    numerics: Numerics | None = None,
    keep: Keep | None = None,
    progress: Callable[[str, Beat], None] | None = None,
) -> Treatment:
    """The stages `before`, `balloon` and, where more than 50 % of a diameter stays narrowed, `stent`.

    Every lesion of `body` is dilated; those still too narrow are stented. A body without lesions has nothing to
    treat and one stage. `progress` is told the stage's name and the beat. Raises InputError for a body that cannot
    be solved as it stands or lacks a part that is read; a solve that goes wrong does not raise: it ends the
    treatment with its outcome.
    """
    balloon, stent = balloon or Balloon(), stent or Stent()
    stages: list[Stage] = []

    def solved(name: str, body: Body, devices: dict[str, str]) -> bool:
        watch = (lambda beat: progress(name, beat)) if progress else None
        solution = simulate(body, numerics=numerics, keep=keep, progress=watch)
        stages.append(read_stage(name, body, devices, solution))
        return solution.outcome in USABLE

    subject = as_body(body)
    if solved("before", subject, {}) and subject.lesions:
        subject, devices = dilated(subject, balloon)
        if solved("balloon", subject, devices):
            subject, devices = stented(subject, stent)
            if devices:
                solved("stent", subject, devices)
    return Treatment(stages=tuple(stages))


def dilated(body: Body, balloon: Balloon) -> tuple[Body, dict[str, str]]:
    """The body after every lesion was dilated once, and the balloons used."""
    devices = {}
    for lesion in body.lesions:
        vein = vein_diameter(body, lesion)
        inflated = balloon.diameter(vein)
        devices[body.piece_of(lesion)] = f"balloon {inflated / mm:.0f} mm"
        body = body.replacing(lesion, response.dilated(lesion, vein, inflated, elastic=balloon.recoil))
    return body, devices


def stented(body: Body, stent: Stent) -> tuple[Body, dict[str, str]]:
    """The body with a stent in every lesion that takes more than STENT_THRESHOLD of the diameter, and the stents.

    And in every compression, which no balloon opens.
    """
    devices = {}
    for lesion in body.lesions:
        if lesion.now_diameter <= STENT_THRESHOLD and lesion.kind != "compression":
            continue
        vein = vein_diameter(body, lesion)
        narrowed = vein * (1.0 - lesion.now_diameter)
        residual = _residual(stent.balance(narrowed, vein), vein) if lesion.narrowing else None
        devices[body.piece_of(lesion)] = f"stent {stent.diameter(vein) / mm:.0f} mm"
        body = body.replacing(lesion, lesion.stented(stent.placed(narrowed, vein), residual))
    return body, devices


def vein_diameter(body: Body, lesion: Stenosis) -> float:
    """Diameter [m] that the vein would have at the lesion's middle, lying, as a device is sized.

    At that of its region lying, or for an artery at the pressure of its reference area; of a hypoplastic vein as it is.
    """
    vessel = body.healthy.vessel(lesion.vessel)
    radius = np.array([vessel.radius[0] + (vessel.radius[1] - vessel.radius[0]) * lesion.at])
    law = vessel.wall.coefficients(radius, np.array([lesion.at]), body.healthy.blood.density)
    ratio = area_ratio(law, np.maximum(lying_pressure(vessel.around), law.offset))
    small = body.hypoplasia_of(lesion.vessel)
    share = 1.0 if small is None or lesion.kind == "hypoplasia" else 1.0 - small.now_diameter
    return float(2.0 * share * radius[0] * np.sqrt(ratio[0]))


def _residual(diameter: float, vein: float) -> float:
    """Narrowing of area by a lesion of `diameter` in a vein: none where it is as wide, since the vein holds it."""
    return max(0.0, 1.0 - (diameter / vein) ** 2)


def read_stage(name: str, body: Body, devices: dict[str, str], solution: Solution) -> Stage:
    """The stage and its readings; there are none of a solve that was lost."""
    lost = solution.outcome is Outcome.lost
    return Stage(
        name=name,
        body=body,
        solution=solution,
        devices=devices,
        flow_ml_min={} if lost else reading.flows(body, solution),
        pressure_mmhg={} if lost else reading.pressures(body, solution),
        gradient_mmhg={} if lost else reading.gradients(body, solution),
        narrowing=reading.narrowings(body) | ({} if lost else dict(_taken(body, solution))),
    )


def pressed(body: Body, solution: Solution) -> dict[str, float]:
    """The diameter [m], as of a circle, that each compression leaves open, by its piece."""
    pieces = [body.piece_of(lesion) for lesion in body.lesions if lesion.kind == "compression"]
    least = {piece: min(solution.mean("area", piece, at) for at in solution.keep.stations) for piece in pieces}
    return {piece: math.sqrt(4.0 * area / math.pi) for piece, area in least.items()}


def _taken(body: Body, solution: Solution) -> Iterator[tuple[str, float]]:
    """What compressions take of the diameter: they have no narrowing of their own."""
    found = pressed(body, solution)
    for lesion in body.lesions:
        if (piece := body.piece_of(lesion)) in found:
            yield piece, max(0.0, 1.0 - found[piece] / vein_diameter(body, lesion))


def _cell(cell: Callable[[Stage, str], str], stage: Stage, key: str) -> str:
    try:
        return cell(stage, key)
    except KeyError:  # the stage was lost and has no such reading
        return "-"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _plain(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _finite(value) for name, value in values.items()}
