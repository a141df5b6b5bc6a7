"""Cohorts and their patients as tables on a screen and as plain data."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from azygos.population.cohort import Cohort
    from azygos.population.distribution import Distribution
    from azygos.population.sample import Sample

__all__ = ["as_json", "person_json", "person_row", "rows_of", "show_table", "table"]


def rows_of(cohort: "Cohort") -> Iterator[tuple[str, str, str]]:
    """What, how much, and by which source."""
    persons = cohort.persons
    yield "female", _percent(persons.female), persons.female_source
    for sex, height in persons.height.items():
        yield f"height, {sex}", _law(height, 0.01, "cm"), height.source
    yield "age", _law(persons.age, 1.0, "years"), persons.age.source
    for group in cohort.variants:
        for name, share in group.of.items():
            yield name, _percent(share), group.source
    for lesion in cohort.lesions:
        yield f"lesion, {lesion.site}", _percent(lesion.prevalence), lesion.source
        for kind, one in lesion.kinds.items():
            size = one.pressure if kind == "compression" else one.taken
            if size is not None:
                words = _law(size, 133.322, "mmHg") if kind == "compression" else f"{_law(size, 0.01, '%')} of area"
                length = _law(one.length, 1e-3, "mm")
                yield f"  {kind}, {_percent(one.share)} of them", f"{words}, {length} long", one.source


def _percent(share: float) -> str:
    return f"{100.0 * share:.3g} %"


def _law(distribution: "Distribution", unit: float, name: str) -> str:
    """A distribution as its quartiles and ends, which say what any law is."""
    low, high = (limit / unit for limit in distribution.limits)
    if low == high:
        return f"{low:.4g} {name}"
    first, middle, third = (distribution.quantile(u) / unit for u in (0.25, 0.5, 0.75))
    return f"{middle:.3g} ({first:.3g} to {third:.3g}; at most {low:.3g} to {high:.3g}) {name}"


def as_json(cohort: "Cohort") -> dict[str, Any]:
    """All that a cohort says, for `json.dumps`."""
    rows = [dict(zip(("what", "value", "source"), row, strict=True)) for row in rows_of(cohort)]
    return {
        "name": cohort.name,
        "title": cohort.title,
        "sources": list(cohort.sources),
        "seed": cohort.seed,
        "says": rows,
        "parameters": {name: list(law.limits) for name, law in cohort.parameters.items()},
        "eligible": [rule.text for rule in cohort.eligible],
        "protocol": cohort.protocol.name,
        "sham": cohort.sham,
        "looks": list(cohort.looks),
        "visits": [visit.name for visit in cohort.visits],
    }


def person_json(one: "Sample") -> dict[str, Any]:
    """A patient as generated, for `json.dumps`."""
    recipe = one.recipe
    return {
        "patient": one.number,
        "sex": recipe.person.sex,
        "height_cm": recipe.person.height / 0.01,
        "age_years": recipe.person.age,
        "variants": list(recipe.variants),
        "lesions": [str(lesion) for lesion in one.lesions],
        "parameters": dict(recipe.parameters),
    }


def person_row(one: "Sample") -> tuple[str, ...]:
    """A patient as a row of a table."""
    found = person_json(one)
    size, age = f"{found['height_cm']:.0f}", f"{found['age_years']:.0f}"
    return str(one.number), found["sex"], size, age, ", ".join(found["variants"]), "; ".join(found["lesions"])


def table(titles: tuple[str, ...], rows: list[Any]) -> "Table":
    """Rows of text under titles."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        made.add_column(Text(title))
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def show_table(made: "Table") -> None:
    from rich.console import Console

    width = None if sys.stdout.isatty() else 160
    Console(highlight=False, width=width).print(made)
