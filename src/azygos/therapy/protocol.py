"""A procedure as a list of steps that a clinician can read, and what is wrong with one before it begins.

`exchange.protocol` reads it from a file. Nothing here knows the patient.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from azygos.errors import Problem, close_matches
from azygos.therapy.catalogue import Catalogue, atm
from azygos.units import mm, mmHg

__all__ = [
    "ACCESSES", "USUAL_ACCESS", "Access", "Inflate", "PlaceStent", "Protocol", "Step", "Venogram", "angioplasty",
    "order_problems", "out_of_reach", "problems_of", "step_problems",
]  # fmt: skip

LARGEST_OVERSIZE = 2.0  # of a balloon, times the vein. assumed
LARGEST_STENT = 10 * mm  # over the vein. assumed
LONGEST = 3600.0  # [s] for which a balloon is held, all times together. assumed
USUAL_ACCESS = {False: "right femoral vein", True: "right femoral artery"}  # for an artery or not
ACCESSES = tuple(
    f"{side} {name}"
    for name in ("femoral vein", "internal jugular vein", "brachial vein", "femoral artery", "radial artery",
                 "brachial artery")
    for side in ("right", "left")
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A sheath in a vein, or in an artery for arteries."""

    site: str | None = None  # one of ACCESSES; None: the usual one for what is looked at

    def __str__(self) -> str:
        return f"access: {self.site}" if self.site else "access"


@dataclass(frozen=True, slots=True, kw_only=True)
class Venogram:
    """Contrast in every vein looked at, and the pressures on both sides of what looks narrow."""

    final: bool = False
    planes: int = 1  # frontal; 2: and lateral, which also shows a vein that is pressed flat
    ivus: bool = False  # and ultrasound from within, which then measures the vein for its devices

    def __str__(self) -> str:
        more = [f"{self.planes} planes"] * (self.planes > 1) + ["IVUS"] * self.ivus
        return ("final venogram" if self.final else "venogram") + (f" ({', '.join(more)})" if more else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflate:
    """A balloon in each place that looked narrow: named, or sized on the venogram."""

    balloon: str | None = None
    oversize: float = 1.1  # times the vein's diameter; 1.1 to 1.25 is usual. assumed
    pressure: float = 8 * atm  # 4 to 8 atm for a plain balloon is usual. assumed
    seconds: float = 60.0  # each time; 30 to 60 is usual. assumed
    repeats: int = 1
    # Above which a place is opened: more than half the diameter or a gradient (Brave Dreams, Trials 2012;13:183). How
    # large a gradient is not said there; 2 mmHg: assumed. None: not asked
    narrowing: float | None = 0.5
    gradient: float | None = 2 * mmHg  # [Pa]

    def __str__(self) -> str:
        size = self.balloon or f"{self.oversize:g} x the vein"
        times = f" x {self.repeats}" if self.repeats > 1 else ""
        rule = _rule("narrowing", self.narrowing, self.gradient)
        return f"inflate: {size}, {self.pressure / atm:g} atm, {self.seconds:g} s{times}, when {rule}"

    def wanted(self, narrowing: float, gradient: float) -> bool:
        """Whether a place that looks so narrow and has this gradient [Pa] is opened."""
        return _above(narrowing, self.narrowing) or _above(gradient, self.gradient)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceStent:
    """A stent in each place that was dilated and is still too narrow, or still has a gradient."""

    stent: str | None = None
    oversize: float = 1.5 * mm  # over the vein; 1 to 2 mm is usual. assumed
    narrowing: float | None = 0.5  # residual, of diameter, above which it is placed; None: not asked
    gradient: float | None = 2 * mmHg  # above which it is placed [Pa]; None: not asked

    def __str__(self) -> str:
        size = self.stent or f"the vein + {self.oversize / mm:g} mm"
        return f"stent: {size}, when {_rule('residual', self.narrowing, self.gradient)}"

    def wanted(self, narrowing: float, gradient: float) -> bool:
        """Whether it is placed where so much of the diameter looks narrow and there is this gradient [Pa]."""
        return _above(narrowing, self.narrowing) or _above(gradient, self.gradient)


def _above(value: float, limit: float | None) -> bool:
    return limit is not None and value > limit


def _rule(word: str, narrowing: float | None, gradient: float | None) -> str:
    rules = [] if narrowing is None else [f"{word} > {100 * narrowing:g} %"]
    return " or ".join(rules if gradient is None else [*rules, f"gradient > {gradient / mmHg:g} mmHg"])


Step: TypeAlias = Access | Venogram | Inflate | PlaceStent


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """Steps in their order. `vessels` are looked at; empty: those that the patient was sent for."""

    name: str
    steps: tuple[Step, ...]
    vessels: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.name, *(f"  {i}. {step}" for i, step in enumerate(self.steps, 1))])


def angioplasty() -> Protocol:
    """Balloon, and a stent where it was not enough."""
    steps = (Access(), Venogram(), Inflate(), Venogram(), PlaceStent(), Venogram(final=True))
    return Protocol(name="balloon, and a stent where it is not enough", steps=steps)


def problems_of(protocol: Protocol, catalogue: Catalogue, where: tuple[str, ...] = ()) -> list[Problem]:
    """What is wrong with a protocol, each problem with the place of its step (`where`, else its number)."""
    places = where or tuple(f"step {i} ({step})" for i, step in enumerate(protocol.steps, 1))
    steps = zip(protocol.steps, places, strict=True)
    found = [problem for step, place in steps for problem in step_problems(step, catalogue, place)]
    return [*order_problems(protocol.steps, places), *found]


def out_of_reach(protocol: Protocol, sides: Mapping[bool, str]) -> list[Problem]:
    """What cannot be reached from where the protocol goes in. `sides`: an artery by True, a vein by False."""
    given = [step.site for step in protocol.steps if isinstance(step, Access) and step.site]
    if not given or any(isinstance(step, Access) and not step.site for step in protocol.steps):
        return []
    found = []
    for is_artery, vessel in sides.items():
        if not any(site.endswith("artery") is is_artery for site in given):
            what = f"{vessel} cannot be reached from the {' and the '.join(given)}"
            found.append(Problem(what, f"access: {given[0]}", f"add 'access: {USUAL_ACCESS[is_artery]}'"))
    return found


def step_problems(step: Step, catalogue: Catalogue, place: str) -> Iterator[Problem]:
    """What is wrong with a step by itself."""
    match step:
        case Access() if step.site is not None and step.site not in ACCESSES:
            yield Problem(f"no access '{step.site}'", place, close_matches(step.site, ACCESSES))
        case Inflate():
            yield from _inflation(step, catalogue, place)
        case PlaceStent():
            yield from _stenting(step, catalogue, place)
        case Venogram() if step.planes not in (1, 2):
            yield Problem(f"a venogram in {step.planes} planes", place, "1 is frontal, 2 frontal and lateral")


def order_problems(steps: tuple[Step, ...], places: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with the order of steps."""
    kinds = [type(step) for step in steps]
    if Access not in kinds or kinds.index(Access) != 0:
        yield Problem("the first step is no access", places[0] if places else "steps", "begin with 'access'")
    for i, (kind, place) in enumerate(zip(kinds, places, strict=True)):
        if kind in (Inflate, PlaceStent) and kinds[max(i - 1, 0)] is not Venogram:
            yield Problem("nothing was looked at just before this step", place, "put a 'venogram' before it")
        if kind is PlaceStent and Inflate not in kinds[:i]:
            yield Problem("a stent without a balloon before it", place, "put 'inflate' and 'venogram' before it")
    last = steps[-1] if steps else None
    if steps and not (isinstance(last, Venogram) and last.final):
        yield Problem("the last step is no final venogram", places[-1], "end with 'final venogram'")


def _inflation(step: Inflate, catalogue: Catalogue, place: str) -> Iterator[Problem]:
    rows = ((step.pressure / atm, "pressure", " atm"), (step.seconds, "time", " s"),
            (step.repeats, "number of inflations", ""))  # fmt: skip
    for value, name, unit in rows:
        if not value > 0:
            yield Problem(f"a {name} of {value:g}{unit} is not above zero", place)
    if step.seconds * step.repeats > LONGEST:
        what = f"a balloon held for {step.seconds:g} s, {step.repeats} times, is held for more than an hour"
        yield Problem(what, place, "30 to 60 s, once or a few times, is usual")
    if not 0.5 <= step.oversize <= LARGEST_OVERSIZE:
        what = f"a balloon of {step.oversize:g} times the vein is not between 0.5 and {LARGEST_OVERSIZE:g}"
        yield Problem(what, place, "1.1 to 1.25 is usual")
    yield from _limits("narrowing", step.narrowing, step.gradient, place)
    if step.balloon is not None and step.balloon not in catalogue.balloons:
        yield Problem(f"no balloon '{step.balloon}'", place, close_matches(step.balloon, catalogue.balloons))
        return
    balloons = list(catalogue.balloons.values()) if step.balloon is None else [catalogue.balloons[step.balloon]]
    rated = max(balloon.rated for balloon in balloons)
    if step.pressure > rated * (1.0 + 1e-9):
        of = f"'{step.balloon}'" if step.balloon else "any balloon in stock"
        what = f"{step.pressure / atm:g} atm is above the rated burst pressure of {of}, {rated / atm:g} atm"
        yield Problem(what, place, f"give {rated / atm:g} atm or less (rule: rated burst pressure)")


def _stenting(step: PlaceStent, catalogue: Catalogue, place: str) -> Iterator[Problem]:
    if not 0.0 <= step.oversize <= LARGEST_STENT:
        what = f"a stent {step.oversize / mm:g} mm wider than the vein is not between 0 and {LARGEST_STENT / mm:g} mm"
        yield Problem(what, place, "1 to 2 mm is usual")
    yield from _limits("residual", step.narrowing, step.gradient, place)
    if step.stent is not None and step.stent not in catalogue.stents:
        yield Problem(f"no stent '{step.stent}'", place, close_matches(step.stent, catalogue.stents))


def _limits(word: str, narrowing: float | None, gradient: float | None, place: str) -> Iterator[Problem]:
    if narrowing is None and gradient is None:
        yield Problem("no rule says when it is done", place, f"write 'when: {word} > 50 %'")
    if narrowing is not None and not 0.0 <= narrowing < 1.0:
        yield Problem(f"a {word} of {100 * narrowing:g} % is not between 0 and 100 %", place)
    if gradient is not None and gradient < 0.0:
        yield Problem("a gradient below zero", place)
