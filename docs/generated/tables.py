"""The tables of numbers of the package, as Markdown."""

import csv
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path

# The tables of numbers, in the order in which they are shown: (floor, table, title).
TABLES = (
    ("body", "arteries", "Arteries"),
    ("body", "veins", "Veins and dural sinuses"),
    ("body", "chambers", "Chambers of the heart"),
    ("body", "valves", "Valves"),
    ("body", "lungs", "Lungs"),
    ("body", "channels", "Channels without length"),
    ("body", "terminals", "Beds"),
    ("body", "drains", "Where the beds drain to"),
    ("body", "bridging", "Mouths of the bridging veins"),
    ("body", "places", "Places of the nodes"),
    ("body", "parameters", "Factors by which persons differ"),
    ("body", "variants", "Variants of the anatomy"),
    ("therapy", "balloons", "Balloons"),
    ("therapy", "stents", "Stents"),
    ("therapy", "complications", "Complications"),
    ("therapy", "patency", "How long opened vessels stay open"),
    ("trial", "priors", "Constants of studies and their priors"),
    ("trial", "forms", "Forms of multiple sclerosis"),
    ("trial", "deaths", "Deaths after the procedure"),
    ("trial", "sinus_harms", "Harms in the venous sinuses"),
)
BODY = tuple(row for row in TABLES if row[0] == "body" and row[1] not in ("parameters", "variants"))
OTHERS = tuple(row for row in TABLES if row not in BODY)

# The unit with which the name of a column ends, as it is written.
UNITS = {
    "mmHg_s2_mL2": "mmHg s²/mL²", "mmHg_s2_mL": "mmHg s²/mL", "mmHg_s_mL": "mmHg s/mL", "mmHg_mL": "mmHg/mL",
    "mL_mmHg": "mL/mmHg", "percent_per_atm": "%/atm", "per_Pa_s": "1/(Pa s)", "m_s": "m/s", "mmHg": "mmHg", "mL": "mL",
    "mm": "mm", "cm": "cm", "kPa": "kPa", "kpa": "kPa", "atm": "atm", "percent": "%",
}  # fmt: skip


def body_tables() -> str:
    return "\n\n".join(shown(*row) for row in BODY)


def other_tables() -> str:
    return "\n\n".join(shown(*row) for row in OTHERS)


def shown(floor: str, name: str, title: str) -> str:
    """A table of the package. Where a row has several sources they are numbers, and stand below the table."""
    rows = read(floor, name)
    seconds = {partner(head, rows[0]) for head in rows[0]}
    heads = [head for head in rows[0] if not is_source(head) and head not in seconds]
    sources = [head for head in rows[0] if is_source(head)]
    known: dict[str, int] = {}
    said = [row["source"] if sources == ["source"] else cited(row, sources, known) for row in rows]
    lines = [[*(cell(row, head) for head in heads), source] for row, source in zip(rows, said, strict=True)]
    of = ", ".join(head.removesuffix("source").replace("_", " ").strip() for head in sources)
    parts = [f"## {title}", f"`azygos/{floor}/tables/{name}.csv`, {len(rows)} rows.",
             table((*(headed(head, rows[0]) for head in heads), f"source of {of}" if of else "source"), lines),
             "\n".join(f"{number}. {text}" for text, number in known.items())]  # fmt: skip
    return "\n\n".join(filter(None, parts))


def is_source(head: str) -> bool:
    return head == "source" or head.endswith("_source")


def partner(head: str, row: dict[str, str]) -> str:
    """The column that stands in the cells of another: the second of two ends."""
    seconds = (head.replace(first, second) for first, second in (("from", "to"), ("_start_", "_end_")) if first in head)
    return next((second for second in seconds if second in row), "")


def headed(head: str, row: dict[str, str]) -> str:
    """The words of a column's name and its unit: `wave_speed_m_s` is wave speed [m/s]."""
    unit = next((unit for unit in UNITS if head.endswith(f"_{unit}")), "")
    words = head.removesuffix(f"_{unit}").replace("_", " ")
    words = {"young": "Young's modulus"}.get(words, words)
    both = {"from": "from, to"}.get(words, f"{words}, end") if partner(head, row) else words
    return f"{both} [{UNITS[unit]}]" if unit else both


def cell(row: dict[str, str], head: str) -> str:
    """A value, and that of the column's partner."""
    values = (row[name] for name in (head, partner(head, row)) if name and row[name])
    return ", ".join(f"`{value}`" if head in ("name", "from", "to", "bed", "node") else value for value in values)


def cited(row: dict[str, str], sources: Sequence[str], known: dict[str, int]) -> str:
    """The numbers of a row's sources in the order of their columns; a dash for none."""
    return ", ".join(str(known.setdefault(row[head], len(known) + 1)) if row[head] else "–" for head in sources)


def read(floor: str, name: str) -> list[dict[str, str]]:
    with (package(floor) / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def package(floor: str) -> Path:
    return Path(str(resources.files(f"azygos.{floor}")))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    cells = ((cell.replace("|", "\\|").replace("\n", " ") for cell in line) for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
