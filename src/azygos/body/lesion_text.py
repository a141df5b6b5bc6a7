"""Reading lesions from text, such as `ijv_r: web 80 % area at 0.5, 2 mm`; all that is wrong is said at once."""

import re
from collections.abc import Iterable, Mapping

from azygos import units
from azygos.body.lesion import (
    KINDS,
    Stenosis,
    area_narrowing,
    at_odds,
    misplaced,
    mistaken,
    too_narrow,
    too_short,
    too_strong,
    unknown,
)
from azygos.errors import InputError, Problem, near_matches
from azygos.units import UnitProblem, mm, mmHg

__all__ = ["parse_lesion", "parse_lesions", "written"]

EXAMPLE = 'write it like "ijv_r: 80 % area at 0.5, 20 mm"'


def parse_lesion(text: str, lengths: Mapping[str, float], where: str = "") -> Stenosis:
    """The lesion that `text` describes, in one of the vessels of `lengths` (name -> length [m]).

    Raises InputError with every problem of the text at once; `where` names its place.
    """
    return parse_lesions([text], lengths, where)[0]


def parse_lesions(texts: Iterable[str], lengths: Mapping[str, float], where: str = "") -> tuple[Stenosis, ...]:
    """The lesions that `texts` describe. Raises InputError with every problem of all of them at once."""
    problems: list[Problem] = []
    lesions: list[Stenosis] = []
    for text in texts:
        place = where or f"lesion '{text}'"
        lesion, found = _read(text, lengths, place)
        problems += found
        if lesion is not None:
            lesions.append(lesion)
    problems += at_odds(lesions, lengths)
    if problems:
        raise InputError(problems)
    return tuple(lesions)


# Whatever has a ':' matches, so that every part that is wrong can be named; each part is then judged as a whole.
_LESION = re.compile(
    r"""\s* (?P<vessel> [^:]*? ) \s* :
    \s* (?: (?P<word> [A-Za-z]+ ) \b (?= \s* [-+]? [\d.] ) \s* )?
    (?P<percent> [-+]? [\d.]+ (?: [eE] [-+]? \d+ )? )? \s* (?P<sign> % )? \s* (?P<kind> .*? ) \s*
    (?: \b at \b \s* (?P<at> [^,]*? ) \s* )?
    (?: , \s* (?P<length> [-+\d.eE]+ \s* [^\s,;]* )? \s* (?P<rest> .*? ) \s* )?""",
    re.VERBOSE | re.DOTALL,
)


def _read(text: str, lengths: Mapping[str, float], where: str) -> tuple[Stenosis | None, list[Problem]]:
    parts = _LESION.fullmatch(text)
    if not parts:
        return None, [Problem("no ':' between the vessel and its narrowing", where, EXAMPLE)]
    problems = unknown(parts["vessel"], lengths, where)
    pressure = _pressure(parts, where, problems)
    kind = _kind(parts, pressure, where, problems)
    narrowing = 0.0 if pressure else _narrowing(parts, where, problems)
    at, length = _extent(parts, kind, lengths, where, problems)
    if narrowing is None or at is None or length is None or kind is None:
        return None, problems
    vessel = parts["vessel"]
    lesion = Stenosis(vessel=vessel, narrowing=narrowing, at=at, length=length, pressure=pressure, kind=kind)
    problems += mistaken(lesion, where) + misplaced(lesion, lengths, where)
    return (None if problems else lesion), problems


def _kind(parts: re.Match[str], pressure: float, where: str, problems: list[Problem]) -> str | None:
    """The kind that is said, or meant where no word stands; None for a word that is none."""
    word = parts["word"]
    if word is None:
        return "compression" if pressure else "stenosis"
    if word in KINDS:
        return word
    remedy = near_matches(word, KINDS) or f"say one of {', '.join(KINDS)}, or nothing for a stenosis"
    problems.append(Problem(f"no kind of lesion '{word}'", where, remedy))
    return None


def _extent(
    parts: re.Match[str], kind: str | None, lengths: Mapping[str, float], where: str, problems: list[Problem]
) -> tuple[float | None, float | None]:
    """Middle and length [m]; the whole vessel of a hypoplasia, which has neither place nor length."""
    if kind == "hypoplasia" and parts["at"] is None and parts["length"] is None and parts["rest"] is None:
        return 0.5, lengths.get(parts["vessel"], 1.0)
    return _position(parts["at"], where, problems), _length(parts["length"], parts["rest"], where, problems)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _pressure(parts: re.Match[str], where: str, problems: list[Problem]) -> float:
    """The pressure that is said instead of a narrowing [Pa]; 0 where none is."""
    try:
        value = units.parse(f"{parts['percent']} {parts['kind']}", "pressure")
    except UnitProblem:
        return 0.0
    problems += too_strong(value, where)
    return value


def _narrowing(parts: re.Match[str], where: str, problems: list[Problem]) -> float | None:
    said, kind, value = parts["percent"], parts["kind"], _number(parts["percent"])
    if value is None:
        problems.append(Problem(f"no narrowing in '{parts.string.partition(':')[2].strip()}'", where, EXAMPLE))
        return None
    if not parts["sign"]:
        problems.append(Problem(f"the narrowing '{said}' has no '%'", where, EXAMPLE))
    if kind not in ("area", "diameter"):
        what = f"'{kind}' is neither 'area' nor 'diameter'" if kind else f"{said} % of what?"
        remedy = f"write '{said} % area' or '{said} % diameter': half the diameter is three quarters of the area"
        problems.append(Problem(what, where, remedy))
    if not 0.0 < value < 100.0:
        problems.append(Problem(f"a narrowing of {said} % is not between 0 and 100 %", where, EXAMPLE))
        return None
    if not parts["sign"] or kind not in ("area", "diameter"):
        return None
    narrowing = area_narrowing(value / 100.0) if kind == "diameter" else value / 100.0
    problems += too_narrow(narrowing, f"{said} % {kind}", where)
    return narrowing


def _position(text: str | None, where: str, problems: list[Problem]) -> float | None:
    value = _number(text)
    if value is None or not 0.0 < value < 1.0:
        said = "no place along the vessel" if text is None else f"'at {text}' is no place along the vessel"
        remedy = "write 'at 0.5' for half way; 0 is the upstream end, 1 the end towards the heart"
        problems.append(Problem(said, where, remedy))
        return None
    return value


def _length(text: str | None, rest: str | None, where: str, problems: list[Problem]) -> float | None:
    if not text and not rest:
        problems.append(Problem("no length", where, "end with a comma and a length such as '20 mm'"))
        return None
    if text and rest:
        problems.append(Problem(f"'{rest}' after the length '{text}' is not understood", where, EXAMPLE))
    try:
        value = units.parse(text or rest, "length")
    except UnitProblem as problem:
        problems.append(Problem(problem.what, where, problem.remedy))
        return None
    if value <= 0.0:
        problems.append(Problem(f"a length of {text} is not above zero", where, EXAMPLE))
        return None
    problems += too_short(value, str(text), where)
    return value


def written(lesion: Stenosis) -> str:
    """The lesion as it was found, as a text from which it is read back: to the last bit, or the one before it."""
    pressed = lesion.pressure > 0.0
    scale, unit = (1.0 / mmHg, "mmHg") if pressed else (100.0, "% area")
    value = _exact(lesion.pressure if pressed else lesion.narrowing, scale, unit, "pressure" if pressed else "number")
    word = "" if lesion.kind == "stenosis" else f"{lesion.kind} "
    if lesion.kind == "hypoplasia":
        return f"{lesion.vessel}: {word}{value}"
    return f"{lesion.vessel}: {word}{value} at {lesion.at!r}, {_exact(lesion.length, 1.0 / mm, 'mm', 'length')}"


def _exact(value: float, scale: float, unit: str, dimension: str) -> str:
    """The shortest number with this unit that is read back as `value` [SI]."""
    for digits in (6, 15, 16, 17):
        number = f"{scale * value:.{digits}g}"
        read = float(number) / 100.0 if dimension == "number" else units.parse(f"{number} {unit}", dimension)
        if read == value:
            break
    return f"{number} {unit}"
