"""Reading lesions from text, such as `ijv_r: 80 % area at 0.5, 20 mm`; everything wrong with a text is said at once."""

import re
from collections.abc import Iterable, Mapping

from azygos import units
from azygos.body.lesion import Stenosis, area_narrowing, misplaced, overlaps, too_narrow, too_short, too_strong, unknown
from azygos.errors import InputError, Problem
from azygos.units import UnitProblem

__all__ = ["parse_lesion", "parse_lesions"]

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
    problems += overlaps(lesions, lengths)
    if problems:
        raise InputError(problems)
    return tuple(lesions)


# Whatever has a ':' matches, so that every part that is wrong can be named; each part is then judged as a whole.
_LESION = re.compile(
    r"""\s* (?P<vessel> [^:]*? ) \s* :
    \s* (?P<percent> [-+]? [\d.]+ (?: [eE] [-+]? \d+ )? )? \s* (?P<sign> % )? \s* (?P<kind> .*? ) \s*
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
    narrowing = 0.0 if pressure else _narrowing(parts, where, problems)
    at = _position(parts["at"], where, problems)
    length = _length(parts["length"], parts["rest"], where, problems)
    if narrowing is None or at is None or length is None:
        return None, problems
    lesion = Stenosis(vessel=parts["vessel"], narrowing=narrowing, at=at, length=length, pressure=pressure)
    problems += misplaced(lesion, lengths, where)
    return (None if problems else lesion), problems


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
