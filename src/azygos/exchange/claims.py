"""Published numbers as a file that a methodologist can write by hand, as they are printed.

    format: azygos-claims/1
    title: what was reported of the first study
    source: where                                # of all claims that name no other
    claims:
      - name: improved                           # may be left out
        says: 48 of the 89 patients improved     # the sentence, or what it says
        count: 48
        of: 89
        percent: 55 %
      - groups: {balloon: 58 of 70, sham: 22 of 33}
        odds ratio: 2.64 (95 % CI 1.11 to 6.28)
        p: .03

Every number keeps its printed decimals. docs/audit.md has all keys.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from azygos.audit.claims import Claim, Claims, Group, Part
from azygos.audit.stated import NUMBER, Estimate, StatedProblem, stated
from azygos.errors import InputError, Problem, close_matches
from azygos.exchange.document import Document, Key, read_document, read_text, shown, validated
from azygos.exchange.printed import (
    Flag,
    Level,
    Number,
    Pair,
    Positive,
    Printed,
    PValue,
    Range,
    Sides,
    StatisticText,
    Text,
    Whole,
    whole,
)

__all__ = ["read_claims"]

MEASURES = ("percent", "mean", "odds_ratio", "risk_ratio", "hazard_ratio", "difference")
_FOLDED = re.compile(r":\s*>=?\s*[.\d]")
LARGEST_FILE = 1_000_000  # bytes
_OF = re.compile(
    rf"(?P<count>\d[\d,]*)?\s*(?:[(=]?\s*(?P<percent>{NUMBER})\s*%\s*\)?)?\s*(?P<of>of|/|events in|event in|in)\s*"
    rf"(?:the\s+)?(?P<n>\d[\d,]*)\s*(?:\(\s*(?P<after>{NUMBER})\s*%\s*\))?",
    re.I,
)
_MEAN = re.compile(
    rf"(?P<mean>{NUMBER})\s*(?:\(\s*(?:sd\s*)?(?P<sd>{NUMBER})\s*\)|±\s*(?P<pm>{NUMBER}))\s*,?\s*n\s*=?\s*(?P<n>\d[\d,]*)",
    re.I,
)


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class _FileForm(_Form):
    format: Literal["azygos-claims/1"]
    title: Text = "claims"
    source: str = ""
    note: str = ""
    claims: list[Any]


class _ClaimForm(_Form):
    name: Text | None = None
    says: str = ""
    source: str = ""
    note: str = ""
    verified: Literal["C", "D", "M", ""] = ""
    count: Whole | None = None
    of: Whole | None = None
    n: Whole | None = None
    total: Whole | None = None
    percent: Printed | None = None
    against: Number | None = None
    parts: dict[str, Any] = {}
    start: Whole | None = None
    less: dict[str, Any] = {}
    left: Whole | None = None
    same_as: str = ""
    mean: Printed | None = None
    sd: Number | None = None
    se: Number | None = None
    items: Whole = 1
    step: Positive = 1.0
    scale: Range | None = None
    continuous: Flag = False
    binary: Flag = False
    groups: dict[str, Any] = {}
    odds_ratio: Printed | None = None
    risk_ratio: Printed | None = None
    hazard_ratio: Printed | None = None
    difference: Printed | None = None
    interval: Pair | None = None
    level: Level | None = None
    before: Number | None = None
    after: Number | None = None
    change: Number | None = None
    statistic: StatisticText | None = None
    p: PValue | None = None
    test: str = ""
    method: str = ""
    adjusted: Flag = False
    sides: Sides = 2


class _GroupForm(_Form):
    count: Whole | None = None
    events: Whole | None = None
    of: Whole | None = None
    n: Whole | None = None
    percent: Number | None = None
    mean: Number | None = None
    sd: Number | None = None


def read_claims(path: str | Path) -> Claims:
    """The claims of a file. Raises InputError with all problems of the file, each with its line."""
    file = Path(path)
    if file.is_file() and file.stat().st_size > LARGEST_FILE:
        raise InputError(Problem(f"larger than {LARGEST_FILE:,} bytes", str(path), "is it a file of claims?"))
    return _Reader(_document(file)).claims()


def _document(file: Path) -> Document:
    """The YAML of a file; a printed `> .05` without quotes, which YAML takes for a folded text, is told as such."""
    try:
        return read_document(file)
    except InputError as error:
        (problem,) = error.problems[:1]
        line = problem.where.rpartition(":")[2]
        lines = read_text(file).splitlines() if line.isdigit() else []
        here = lines[int(line) - 1] if lines and 0 < int(line) <= len(lines) else ""
        if _FOLDED.search(here):
            remedy = "put a value that begins with '>' in quotes"
            raise InputError(Problem("not valid YAML", problem.where, remedy)) from None
        raise


class _Reader:
    """Gathers the claims of a file and everything that is wrong with them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems = list(document.problems)

    def claims(self) -> Claims:
        data = self.document.data if isinstance(self.document.data, dict) else {}
        form = validated(_FileForm, self.document, (), data, "claims file", self.problems)
        found = [self._claim(("claims", i), one, form, i) for i, one in enumerate(form.claims)] if form else []
        claims = tuple(claim for claim in found if claim is not None)
        if form is not None and not form.claims:
            self._wrong(("claims",), "there is no claim", "begin with '- count: 48'")
        self._check_names(data.get("claims"))
        if self.problems or form is None:
            raise InputError([*self.document.in_order(self.problems), self._not_audited()])
        return Claims(
            title=form.title, source=form.source, claims=claims, note=form.note, file=self.document.file
        )  # fmt: skip

    def _not_audited(self) -> Problem:
        """Reading comes before auditing: that a file without this line may still hold impossible numbers."""
        what = "nothing was audited yet: numbers are held against each other once every claim can be read"
        return Problem(what, self.document.file, "mend the lines above, then run it again")

    def _check_names(self, data: Any) -> None:
        """Names must differ and `same as` must name another claim. Read from the file: said of wrong claims, too."""
        named = [
            (str(one.get("name") or f"claim {i + 1}"), str(one.get("same as") or one.get("same_as") or ""), i)
            for i, one in enumerate(data if isinstance(data, list) else [])
            if isinstance(one, dict)
        ]
        places: dict[str, str] = {}
        for name, _, i in named:
            place = self.document.where("claims", i, "name")
            if name in places:
                self.problems.append(
                    Problem(f"there are two claims '{name}', the first at {places[name]}", place, "rename one")
                )
            places.setdefault(name, place)
        for name, other, i in named:
            if other and (other not in places or other == name):
                remedy = close_matches(other, {*places} - {name})
                self.problems.append(Problem(f"no other claim '{other}'", self.document.where("claims", i), remedy))

    def _claim(self, path: tuple[Key, ...], data: Any, file: _FileForm, index: int) -> Claim | None:
        if not isinstance(data, dict):
            self._wrong(path, "a claim is a mapping", "write it like 'count: 48'")
            return None
        plain, document = self._plain_keys(path, data)
        name = str(plain.get("name") or f"claim {index + 1}")
        form = validated(_ClaimForm, document, path, plain, f"claim '{name}'", self.problems)
        groups = self._groups((*path, "groups"), plain.get("groups"))
        parts = self._parts((*path, "parts"), plain.get("parts"))
        less = self._parts((*path, "less"), plain.get("less"), percents=False)
        if form is None:
            return None
        return Claim(
            name=name, says=form.says, source=form.source or file.source, verified=form.verified, note=form.note,
            place=self.document.where(*path), count=form.count, of=self._size(path, form), against=form.against,
            parts=parts, start=form.start, less=less, left=form.left, same_as=form.same_as, sd=form.sd, se=form.se,
            items=max(form.items, 1), step=form.step, scale=form.scale, is_continuous=form.continuous,
            is_binary=form.binary, groups=groups, before=form.before, after=form.after, change=form.change,
            statistic=form.statistic, p=form.p, test=form.test, method=form.method, is_adjusted=form.adjusted,
            sides=form.sides, **self._with_interval(path, form),
        )  # fmt: skip

    def _plain_keys(self, path: tuple[Key, ...], data: Mapping[str, Any]) -> tuple[dict[str, Any], Document]:
        """A claim with `odds_ratio` for `odds ratio`, and the document with the lines of such keys."""
        plain = {key.strip().replace(" ", "_").replace("-", "_"): value for key, value in data.items()}
        lines = {(*path, new): self.document.lines.get((*path, old), 1) for new, old in zip(plain, data, strict=False)}
        return plain, replace(self.document, lines={**self.document.lines, **lines})

    def _size(self, path: tuple[Key, ...], form: _ClaimForm) -> int | None:
        given = {name: size for name in ("of", "n", "total") if (size := getattr(form, name)) is not None}
        if len(given) > 1:
            told = " and ".join(f"'{key}'" for key in given)
            self._wrong((*path, list(given)[1]), f"both {told}", "they mean the same: give one")
        return next(iter(given.values()), None)

    def _with_interval(self, path: tuple[Key, ...], form: _ClaimForm) -> dict[str, Estimate | None]:
        """The estimates of a claim, with the interval that stands apart from its only one."""
        given: dict[str, Estimate | None] = {name: getattr(form, name) for name in MEASURES}
        if form.level is not None:
            given = {name: one and replace(one, level=form.level) for name, one in given.items()}
        if form.interval is None:
            return given
        printed = [name for name, one in given.items() if one is not None]
        if len(printed) != 1:
            told = f"{len(printed)} estimates" if printed else "no estimate"
            remedy = "write it behind its estimate: '2.6 (1.1 to 6.3)'"
            self._wrong((*path, "interval"), f"an interval and {told}", remedy)
            return given
        only = given[printed[0]]
        assert only is not None
        return given | {printed[0]: replace(only, lower=form.interval[0], upper=form.interval[1])}

    def _parts(self, path: tuple[Key, ...], data: Any, *, percents: bool = True) -> tuple[Part, ...]:
        found = []
        for name, text in data.items() if isinstance(data, dict) else ():
            try:
                value = stated(text)
                if "%" not in str(text) and not value.value.is_integer():
                    raise StatedProblem(f"{shown(text)} is no count", "give a whole number, or per cent with its sign")
                if "%" in str(text) and not percents:
                    raise StatedProblem(f"{shown(text)} is no count", "give so many persons")
                found.append(Part(name=name, value=value, is_percent="%" in str(text)))
            except StatedProblem as problem:
                self._wrong((*path, name), f"'{name}': {problem.what}", problem.remedy)
        return tuple(found)

    def _groups(self, path: tuple[Key, ...], data: Any) -> tuple[Group, ...]:
        given = data.items() if isinstance(data, dict) else ()
        return tuple(group for name, one in given if (group := self._group((*path, name), name, one)))

    def _group(self, path: tuple[Key, ...], name: str, data: Any) -> Group | None:
        if isinstance(data, dict):
            form = validated(_GroupForm, self.document, path, data, f"group '{name}'", self.problems)
            if form is None:
                return None
            count, n = (form.events, form.n) if form.events is not None else (form.count, form.n)
            return Group(
                name=name, count=count, of=form.of if n is None else n, percent=form.percent, mean=form.mean,
                sd=form.sd, is_events=form.events is not None,
            )  # fmt: skip
        text = str(data).strip()[:200]
        if match := _OF.fullmatch(text):
            return _counted(name, match)
        if match := _MEAN.fullmatch(text):
            spread = match["sd"] or match["pm"]
            return Group(name=name, mean=stated(match["mean"]), sd=stated(spread), of=whole(match["n"]))
        remedy = "write it like '5 of 49', '83 % of 70', '19 events in 9', '1.40 (4.21), n 70' or as a mapping"
        self._wrong(path, f"group '{name}': {shown(data)} is not understood", remedy)
        return None

    def _wrong(self, path: tuple[Key, ...], what: str, remedy: str) -> None:
        self.problems.append(Problem(what, self.document.where(*path), remedy))


def _counted(name: str, match: re.Match[str]) -> Group:
    percent = match["percent"] or match["after"]
    return Group(
        name=name,
        count=whole(match["count"]) if match["count"] else None,
        of=whole(match["n"]),
        percent=stated(f"{percent} %") if percent else None,
        is_events="event" in match["of"].lower(),
    )
