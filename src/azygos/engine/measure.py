"""What is measured of a circulation, written as a short expression: `flow(ijv_r) + flow(ijv_l)`.

    flow(PLACE)                         through a vessel or a link, positive from its start to its end
    pressure(PLACE)                     in a vessel or at a node, relative to the atmosphere, at the place's own height
    head(NODE)                          pressure + rho g z at a node: without the weight of the blood between two places
    area, diameter, velocity, wave_speed(VESSEL)
    volume(PLACE)                       of a vessel or a store
    length(VESSEL)                      as the network has it
    blood_volume(), venous_volume()     of all; of the systemic veins: veins, sinuses and the stores named `....venule`
    cardiac_output(), icp(), heart_rate()

A vessel is read in its middle, or at a fraction of its length from its start: `pressure(radial_r, 1)`. Each reading
is its mean over the time kept, unless one of these stands around it, of which the inside is taken at every instant:

    max, min, mean, rms(...), pulse(...)    pulse is max - min
    delay(A, B)                             how much later the foot of B comes than that of A

Beside these there are numbers, `+ - * /` and parentheses. Names are those of the solved network, in quotes where they
are no words of Python's; a vessel that a lesion divides may be named whole. A measure is in SI and knows its dimension.
"""

import ast
import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from azygos import units
from azygos.body.network import Network
from azygos.engine.keep import Keep
from azygos.engine.readings import QUANTITIES, SIMPSON, Numbers, Observed, Place, delay, names, pieces
from azygos.errors import InputError, Problem, close_matches
from azygos.units import DIMENSIONS

__all__ = ["Measure", "Observed", "keep_for"]

Dimension: TypeAlias = tuple[int, int, int]

LONGEST = 2000  # letters of an expression
ALIASES = {"icp": ("pressure", "skull"), "cardiac_output": ("flow", "aortic_valve")}


# ---------------------------------------------------------------------------------------------------------------
# expressions


class Expression(ABC):
    """A part of a measure."""

    dimension: Dimension

    @abstractmethod
    def course(self, seen: Observed) -> Numbers:
        """At every instant; one value where it does not change."""

    def settled(self, seen: Observed) -> Any:
        """As one number, each reading in it being its mean."""
        return np.mean(self.course(seen))

    def readings(self) -> Iterator["Reading"]:
        """Every reading in it."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Number(Expression):
    value: float
    dimension: Dimension = (0, 0, 0)

    def course(self, seen: Observed) -> Numbers:
        return np.array([self.value])


@dataclass(frozen=True, slots=True)
class Reading(Expression):
    quantity: str
    name: str  # of the place; empty for a quantity of the whole
    fraction: float | None
    dimension: Dimension

    def course(self, seen: Observed) -> Numbers:
        return QUANTITIES[self.quantity].read(seen, self.place(seen.network))

    def readings(self) -> Iterator["Reading"]:
        yield self

    def place(self, network: Network) -> Place:
        """Where a network holds it; raises InputError when it does not."""
        problems = self.problems(network)
        if problems:
            raise InputError(problems)
        kinds = self._kinds(network)
        return Place(kinds[0] if kinds else "", self.name, 0.5 if self.fraction is None else self.fraction)

    def problems(self, network: Network) -> list[Problem]:
        """Why it cannot be read in a network; empty when it can."""
        kinds, found = QUANTITIES[self.quantity].kinds, self._kinds(network)
        if kinds and not found:
            known = {name for kind in kinds for name in names(network, kind)}
            return [Problem(f"no {' or '.join(kinds)} '{self.name}'", remedy=close_matches(self.name, known))]
        if self.fraction is not None and found[0] != "vessel":
            what = f"'{self.name}' is a {found[0]}, along which there is no fraction"
            return [Problem(what, remedy=f"write {self.quantity}({self.name})")]
        return []

    def _kinds(self, network: Network) -> list[str]:
        """As what the network has something of this name, of the kinds that the quantity is read at."""
        return [
            kind
            for kind in QUANTITIES[self.quantity].kinds
            if self.name in names(network, kind) or (kind == "vessel" and pieces(network, self.name))
        ]


@dataclass(frozen=True, slots=True)
class Operation(Expression):
    apply: Callable[[Any, Any], Any]
    left: Expression
    right: Expression
    dimension: Dimension

    def course(self, seen: Observed) -> Numbers:
        both: Numbers = self.apply(self.left.course(seen), self.right.course(seen))
        return both

    def settled(self, seen: Observed) -> Any:
        return self.apply(self.left.settled(seen), self.right.settled(seen))

    def readings(self) -> Iterator[Reading]:
        yield from self.left.readings()
        yield from self.right.readings()


@dataclass(frozen=True, slots=True)
class Statistic(Expression):
    apply: Callable[[Numbers], Any]
    inner: Expression
    dimension: Dimension

    def course(self, seen: Observed) -> Numbers:
        return np.atleast_1d(self.apply(self.inner.course(seen)))

    def readings(self) -> Iterator[Reading]:
        yield from self.inner.readings()


@dataclass(frozen=True, slots=True)
class Delay(Expression):
    """Foot to foot: where the tangent at the steepest rise meets the level of the least value before it."""

    first: Expression
    second: Expression
    dimension: Dimension = DIMENSIONS["time"]

    def course(self, seen: Observed) -> Numbers:
        step = seen.time[1] - seen.time[0]
        beat = max(1, round(len(seen.time) / seen.network.beats))
        return np.atleast_1d(delay(self.first.course(seen), self.second.course(seen), step, beat))

    def readings(self) -> Iterator[Reading]:
        yield from self.first.readings()
        yield from self.second.readings()


def _largest(values: Numbers) -> Any:
    return values[np.argmax(values.real)]


def _least(values: Numbers) -> Any:
    return values[np.argmin(values.real)]


STATISTICS: Mapping[str, Callable[[Numbers], Any]] = {
    "max": _largest,
    "min": _least,
    "mean": np.mean,
    "pulse": lambda values: _largest(values) - _least(values),
    "rms": lambda values: np.sqrt(np.mean(values * values)),
}
FUNCTIONS = (*QUANTITIES, *ALIASES, *STATISTICS, "delay")


# ---------------------------------------------------------------------------------------------------------------
# reading the text


class _Parser:
    """Turns Python's syntax tree of an expression into ours and gathers what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, what: str, remedy: str = "") -> Expression:
        self.problems.append(Problem(what, remedy=remedy))
        return Number(math.nan)

    def expression(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and math.isfinite(value):
                return Number(float(value))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
                sign = Number(-1.0 if isinstance(node.op, ast.USub) else 1.0)
                part = self.expression(inner)
                return Operation(operator.mul, sign, part, part.dimension)
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self.sum(node)
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                return self.product(node)
            case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
                return self.call(function, arguments)
        remedy = "write numbers, + - * /, parentheses and readings such as flow(ijv_r)"
        return self.wrong(f"'{ast.unparse(node)}' is no part of a measure", remedy)

    def sum(self, node: ast.BinOp) -> Expression:
        left, right = self.expression(node.left), self.expression(node.right)
        if left.dimension != right.dimension and not self.problems:
            both = f"'{ast.unparse(node.left)}' is a {_named(left.dimension)}"
            both += f" and '{ast.unparse(node.right)}' a {_named(right.dimension)}"
            return self.wrong(f"{both}: they cannot be added", "add like to like")
        apply = operator.add if isinstance(node.op, ast.Add) else operator.sub
        return Operation(apply, left, right, left.dimension)

    def product(self, node: ast.BinOp) -> Expression:
        left, right = self.expression(node.left), self.expression(node.right)
        sign, apply = (1, operator.mul) if isinstance(node.op, ast.Mult) else (-1, operator.truediv)
        (a, b, c), (d, e, f) = left.dimension, right.dimension
        return Operation(apply, left, right, (a + sign * d, b + sign * e, c + sign * f))

    def call(self, function: str, arguments: list[ast.expr]) -> Expression:
        if function in QUANTITIES or function in ALIASES:
            return self.reading(function, arguments)
        if function not in FUNCTIONS:
            return self.wrong(f"no function '{function}'", close_matches(function, FUNCTIONS))
        wanted = 2 if function == "delay" else 1
        if len(arguments) != wanted:
            example = "delay(pressure(A), pressure(B))" if wanted == 2 else f"{function}(pressure(PLACE))"
            return self.wrong(f"{function} takes {wanted}, got {len(arguments)}", f"write it like {example}")
        inner = [self.expression(argument) for argument in arguments]
        if wanted == 2:
            return Delay(inner[0], inner[1])
        return Statistic(STATISTICS[function], inner[0], inner[0].dimension)

    def reading(self, function: str, arguments: list[ast.expr]) -> Expression:
        quantity, name = ALIASES.get(function, (function, ""))
        kinds = QUANTITIES[quantity].kinds
        most = 0 if name or not kinds else 2 if "vessel" in kinds and quantity not in ("volume", "length") else 1
        if not min(most, 1) <= len(arguments) <= most:
            form = ("", "PLACE", "PLACE, FRACTION")[most]
            return self.wrong(f"{function}({', '.join(map(ast.unparse, arguments))})", f"write {function}({form})")
        if arguments:
            name = self.name(function, arguments[0])
        fraction = self.fraction(arguments[1]) if len(arguments) == 2 else None
        return Reading(quantity, name, fraction, DIMENSIONS[QUANTITIES[quantity].dimension])

    def name(self, function: str, node: ast.expr) -> str:
        match node:
            case ast.Name() | ast.Attribute():
                return ast.unparse(node)
            case ast.Constant(value=str() as name):
                return name
        self.wrong(f"{function}: '{ast.unparse(node)}' is not a name", f"write it like {function}(ijv_r)")
        return ""

    def fraction(self, node: ast.expr) -> float:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and 0 <= value <= 1:
                return float(value)
        self.wrong(f"'{ast.unparse(node)}' is not a fraction of a vessel's length", "give a number from 0 to 1")
        return 0.5


def _named(dimension: Dimension) -> str:
    known = next((name for name, exponents in DIMENSIONS.items() if exponents == dimension), None)
    return known or "m{} kg{} s{}".format(*(f"^{exponent}" for exponent in dimension))


@dataclass(frozen=True, slots=True)
class Measure:
    """Something measured of a circulation; `Measure.parse` reads it, calling it with a Solution gives its value [SI].

    It prints as it was written.
    """

    text: str
    dimension: str  # one of units.DIMENSIONS
    expression: Expression

    @classmethod
    def parse(cls, text: str) -> "Measure":
        """The measure that a text describes. Raises InputError with all that is wrong with it."""
        shown = str(text)
        parser, where = _Parser(), f"measure '{shown if len(shown) <= 60 else shown[:57] + '...'}'"
        try:
            if not isinstance(text, str):
                raise ValueError("a measure is a text such as 'flow(ijv_r)'")
            if len(text) > LONGEST:
                raise ValueError(f"longer than {LONGEST} letters")
            expression = parser.expression(ast.parse(text.strip(), mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            said = error.msg if isinstance(error, SyntaxError) else str(error) or "too deep"
            remedy = "write it like 'flow(ijv_r) + flow(ijv_l)'"
            raise InputError(Problem(f"cannot be read: {said}", where, remedy)) from None
        dimension = _named(expression.dimension)
        if not parser.problems and dimension not in DIMENSIONS:
            parser.wrong(f"has the dimension {dimension}, which is no quantity known here")
        if parser.problems:
            raise InputError(Problem(problem.what, where, problem.remedy) for problem in parser.problems)
        return cls(text, dimension, expression)

    def problems(self, network: Network) -> tuple[Problem, ...]:
        """Why this cannot be measured of a network; empty when it can."""
        found = [problem for reading in self.expression.readings() for problem in reading.problems(network)]
        return tuple(Problem(p.what, f"measure '{self.text}'", p.remedy) for p in dict.fromkeys(found))

    def value(self, seen: Observed) -> Any:
        """Its value [SI] as whatever kind of number is observed; not finite where there is none (1 over no flow)."""
        with np.errstate(all="ignore"):
            return self.expression.settled(seen)

    def __call__(self, seen: Observed) -> float:
        """Its value [SI]."""
        return float(np.real(self.value(seen)))

    def one(self, unit: str) -> float:
        """What one `unit` is in SI. Raises UnitProblem for a unit that is unknown or of another dimension."""
        return units.parse(f"1 {unit}", self.dimension)

    def __str__(self) -> str:
        return self.text


def keep_for(measures: Iterable[Measure], network: Network, *, samples_per_beat: int = 100) -> Keep:
    """What of a solve is enough for these measures: vessels and stations."""
    readings = [reading for measure in measures for reading in measure.expression.readings()]
    stations = {station for station, _ in SIMPSON} | {r.fraction for r in readings if r.fraction is not None}
    named = {piece.name for r in readings for piece in pieces(network, r.name)}
    whole = any(r.quantity in ("blood_volume", "venous_volume") for r in readings) or not named
    vessels = None if whole else tuple(v.name for v in network.vessels if v.name in named)
    return Keep(stations=tuple(sorted(stations)), vessels=vessels, samples_per_beat=samples_per_beat)
