"""An examination: a body solved as its instruments need it, looked at by each, and judged by published rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from azygos.body.body import Body
from azygos.body.condition import POSTURES, Breathing
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solution, Solve
from azygos.engine.solve import Beat, Numerics, simulate
from azygos.instruments.findings import Finding, findings
from azygos.instruments.instrument import AbstractInstrument, Patient
from azygos.instruments.recording import Recording, Site
from azygos.instruments.registry import default_sites, instrument
from azygos.rng import stream
from azygos.shown import html

__all__ = ["Examination", "Plan", "look"]

STRAIN_COURSE = 25.0  # [s] a strain is followed
USABLE = (Outcome.ok, Outcome.choked, Outcome.not_periodic)
DOUBTED = {Outcome.choked: "choked", Outcome.not_periodic: "not periodic"}  # in the vessel that the solve names


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """All that was recorded of one patient at one time."""

    body: str  # its name
    seed: int
    is_exact: bool
    recordings: tuple[Recording, ...]
    findings: tuple[Finding, ...]
    solves: Mapping[str, Solve] = field(default_factory=dict)  # how the solutions that were looked at went

    _repr_html_ = html  # of a notebook

    @property
    def doubts(self) -> tuple[str, ...]:
        """A sentence for every solution that is not to be trusted everywhere."""
        return tuple(f"{n}: {s.sentence}" for n, s in self.solves.items() if s.outcome is not Outcome.ok)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which instruments look, how, and where.

    Ultrasound looks at the breathing patient lying and sitting, and through a strain where the body has one; the others
    at the patient lying at rest. In a `posture` all of them look in that one alone.
    """

    instruments: Mapping[str, AbstractInstrument]
    sites: tuple[Site, ...] = ()  # instead of the usual places
    posture: str | None = None
    strains: tuple[str, ...] = ()
    seed: int = 1
    visit: str = ""  # of several examinations with one seed, which
    is_exact: bool = False
    known: Mapping[str, Solution] = field(default_factory=dict)  # solutions that are there already, by their names

    def needs(self, body: Body) -> dict[str, tuple[Body, float | None]]:
        """The bodies to solve, by `supine`, `upright breathing` and the like, and for how long [s] (None: a beat)."""
        calm = replace(body, conditions=replace(body.conditions, strain=None))
        postures = (self.posture,) if self.posture is not None else ("supine", "upright")
        if not body.places:
            postures = ("supine",)  # it is not known how to tilt it
        found: dict[str, tuple[Body, float | None]] = {}
        if "ultrasound" in self.instruments:
            has_chest = any(source.node == "thorax" for source in body.healthy.pressure_sources)
            breathing = calm.under(breathing=body.conditions.breathing or Breathing()) if has_chest else calm
            found |= {f"{posture} breathing": (_tilted(breathing, posture), None) for posture in postures}
            found |= dict.fromkeys(self.strains, (body, STRAIN_COURSE))
        if set(self.instruments) - {"ultrasound"}:
            found[postures[0]] = (_tilted(calm, postures[0]), None)
        return found

    def solved(
        self,
        body: Body,
        *,
        numerics: Numerics | None = None,
        progress: Callable[[str, Beat], None] | None = None,
    ) -> dict[str, Solution]:
        """The solutions that the instruments need, of which some may have gone wrong."""
        solutions = {}
        for name, (one, duration) in self.needs(body).items():
            told = partial(progress, name) if progress else None
            solutions[name] = self.known.get(name) or simulate(one, duration=duration, numerics=numerics, progress=told)
        return solutions

    def examined(self, body: Body, solutions: Mapping[str, Solution]) -> Examination:
        """What the instruments show of the solutions, each with a stream of random numbers of its own."""
        calm = {name: solution for name, solution in solutions.items() if name in POSTURES}
        lively = {name.removesuffix(" breathing"): one for name, one in solutions.items() if name not in POSTURES}
        recordings = []
        names = ("look", self.visit) if self.visit else ("look",)
        for name, one in self.instruments.items():
            where = tuple(site for site in self.sites or default_sites(name) if site.vessel in body.lengths)
            patient = Patient(body=body, solutions=lively if name == "ultrasound" else calm)
            recording = one.examine(patient, where, stream(self.seed, *names, name))
            recordings.append(_doubted(recording, patient.solutions))
        return Examination(
            body=body.name,
            seed=self.seed,
            is_exact=self.is_exact,
            recordings=tuple(recordings),
            findings=findings(recordings),
            solves={name: solution.solve for name, solution in solutions.items()},
        )


def look(body: Body, *names: str, seed: int = 1, exact: bool = False) -> Examination:
    """The body examined with instruments such as "ultrasound", "mri", "venography", "ivus" and "manometry".

    Raises InputError for an instrument that is not there, RuntimeError when the circulation could not be solved.
    """
    chosen = {name: instrument(name, exact=exact) for name in names or ("ultrasound",)}
    plan = Plan(instruments=chosen, seed=seed, is_exact=exact)
    solutions = plan.solved(body)
    for name, solution in solutions.items():
        if solution.outcome not in USABLE:
            raise RuntimeError(f"{name}: {solution.solve.sentence}")
    return plan.examined(body, solutions)


def _doubted(recording: Recording, solutions: Mapping[str, Solution]) -> Recording:
    """The recording with a remark at every reading from a vessel that its solution says not to trust."""
    doubts = {}
    for posture, solution in solutions.items():
        solve = solution.solve
        if solve.outcome in DOUBTED:
            vessel = solve.froude_vessel if solve.outcome is Outcome.choked else solve.worst_vessel
            doubts[posture, vessel.partition(".")[0]] = f"{DOUBTED[solve.outcome]} there, not to be trusted"
    if not doubts:
        return recording
    readings = []
    for reading in recording.readings:
        remarks = (reading.remark, doubts.get((reading.posture, reading.site.vessel), ""))
        readings.append(replace(reading, remark="; ".join(filter(None, remarks))))
    return replace(recording, readings=tuple(readings))


def _tilted(body: Body, posture: str) -> Body:
    return body.under(posture=posture) if body.places else body
