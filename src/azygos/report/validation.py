"""The page about validation, in Markdown: every target with its band and the body's value."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

from azygos.exchange.case import Result, tally

__all__ = ["by_group", "page", "shown", "unit_of"]

GROUPS = (
    "heart and arteries", "arterial waves", "brain and neck, flow", "jugular veins", "ways out of the skull",
    "pressure in veins and sinuses", "skull and its fluid", "veins of the chest",
)  # fmt: skip

HEAD = """\
# Validation

Is the reference adult as healthy people are? Each number below is a **target**: a publication, a measure, and a band
that follows from the publication by a stated rule. The bands are the files `cases/<publication>/*.yaml`; they were
written down before this body was first run, the explanations of what lies outside after. What lies outside its band
stays in the table. A target is **fitted** when something in the body was chosen with it in view, and else predicted.

```sh
azygos validate                # the table; --json for a program
azygos validate --out docs     # writes this page and its pictures
```

A band is mean ± 1 SD where the publication gives both, else what its line says; `assumed` marks a width that no
publication gave. Flows, pressures and areas are means over the period unless the measure says `max`, `min` or
`pulse`; a vessel is read in its middle unless a fraction of its length is given. Pressures are relative to the
atmosphere, at the place itself. People's numbers come with all their instruments' errors, the body's with none. What
could not be compared directly is brought to a common form; how is said under each measure, at the end.

"""
ABOUT_PICTURES = """\
![Every target as a band, and the value in it](validation/bands.svg)

Every band is drawn equally wide; its bounds stand behind the value. Circles lie inside, diamonds outside, arrows
further out than the picture reaches.

"""
ABOUT_WAVES = """\
![Pressure and flow over a period](validation/waveforms.svg)

"""


def by_group(results: Iterable[Result]) -> list[tuple[str, list[Result]]]:
    """The results under their groups, those of the reference adult's cases in the order of GROUPS."""

    def order(result: Result) -> tuple[int, str]:
        group = result.target.group
        return (GROUPS.index(group) if group in GROUPS else len(GROUPS)), group

    grouped = itertools.groupby(sorted(results, key=order), key=lambda result: result.target.group)
    return [(group, list(members)) for group, members in grouped]


def shown(value: float) -> str:
    """A number with three digits, as many as the bands have."""
    if not math.isfinite(value):
        return "no answer"
    if value == 0.0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def unit_of(result: Result) -> str:
    """The unit as it stands behind a number."""
    unit = result.target.unit
    return "" if unit == "1" else unit.replace("mm2", "mm²")


def page(results: Sequence[Result], pictures: Iterable[str]) -> str:
    """The page in Markdown; `pictures` are the names of those drawn."""
    parts = [HEAD, f"**{tally(results)} targets lie inside their bands.**\n\n", ABOUT_PICTURES]
    if "waveforms.svg" in set(pictures):
        parts.append(ABOUT_WAVES)
    sources = {
        case.source: i for i, case in enumerate({result.case.source: result.case for result in results}.values(), 1)
    }
    for group, members in by_group(results):
        parts.append(_table(group, members, sources))
    parts += [_misses(results), _fitted(results), _measures(results)]
    parts.append("## Sources\n\n" + "".join(f"{number}. {source}\n" for source, number in sources.items()))
    return "".join(parts)


def _table(group: str, members: Sequence[Result], sources: Mapping[str, int]) -> str:
    lines = [
        f"## {group[0].upper()}{group[1:]}\n",
        "| target | band | value | | how the band follows | source |",
        "|---|---|---|---|---|---|",
    ]
    for result in members:
        target, (low, high) = result.target, result.target.band
        value = f"{shown(result.value)} {unit_of(result)}".strip()
        judged = ("in" if result.in_band else "**out**") + (", fitted" if target.fitted else "")
        cells = (target.name, f"{shown(low)} to {shown(high)}", value, judged, target.basis)
        lines.append(f"| {' | '.join(cells)} | {sources[result.case.source]} |")
    return "\n".join(lines) + "\n\n"


def _misses(results: Sequence[Result]) -> str:
    missed = [result for result in results if not result.in_band]
    if not missed:
        return ""
    lines = [f"- **{r.target.name}**: {r.target.miss or 'not explained yet'}.\n" for r in missed]
    return "## What lies outside, and why\n\n" + "".join(lines) + "\n"


def _fitted(results: Sequence[Result]) -> str:
    chosen = [result.target for result in results if result.target.fitted]
    if not chosen:
        return ""
    lines = [f"- **{target.name}**: {target.fitted}.\n" for target in chosen]
    return "## What was fitted, and so is no prediction\n\n" + "".join(lines) + "\n"


def _measures(results: Sequence[Result]) -> str:
    lines = []
    for result in results:
        target = result.target
        lines.append(f"- **{target.name}**, {target.settings}: `{target.measure}`")
        lines.append(f"  {target.reduction[0].upper()}{target.reduction[1:]}." if target.reduction else "")
    return "## How each is measured\n\n" + "\n".join(line for line in lines if line) + "\n\n"
