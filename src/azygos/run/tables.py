"""The tables of a run: what each column is, and the rows that one patient gives.

Names of columns end in their unit, so that a query reads `select avg(flow_ijv_r_ml_min) from ...`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from azygos.therapy.reading import FLOWS, JUGULARS, RIGHT_ATRIUM, SINUSES

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

__all__ = ["FACTOR", "TABLES", "Columns", "Rows", "arrow_schema", "columns_of"]

Columns: TypeAlias = Mapping[str, tuple[str, str]]  # name -> (kind, what it is)
Row: TypeAlias = dict[str, Any]

FACTOR = "factor_"  # begins the columns of patients that hold a parameter's factor
INTEGER, NUMBER, TEXT, YES = "int64", "float64", "string", "bool"

_PATIENT = {"patient": (INTEGER, "number of the patient in the cohort, from 0")}
_VISIT = {"visit": (TEXT, "before, after, or a time after the procedure")}
_PRESSURES = ("superior_sagittal_sinus", *SINUSES, *(f"{v}_{w}" for v in JUGULARS for w in ("above", "below")),
              RIGHT_ATRIUM, "arterial_mean")  # fmt: skip

TABLES: Mapping[str, Columns] = MappingProxyType({
    "patients": {
        **_PATIENT,
        "sex": (TEXT, "female or male"),
        "height_cm": (NUMBER, "height"),
        "age_years": (NUMBER, "age"),
        "variants": (TEXT, "variants of the anatomy, joined by commas"),
        "lesions": (TEXT, "lesions as they are, joined by semicolons"),
        "lesion_count": (INTEGER, "lesions"),
        "eligible": (YES, "whether the rules let the patient in; empty where it did not come to that"),
        "treated": (YES, "whether a device was used; false under a sham"),
        "died_on_day": (NUMBER, "after the procedure; empty for who lives. There are no visits after it"),
        "outcome": (TEXT, "ok, not eligible, choked, not periodic, lost, impossible or error"),
        "sentence": (TEXT, "what went wrong, or which rule was not met"),
    },
    "findings": {
        **_PATIENT, **_VISIT,
        "instrument": (TEXT, "what was looked with"),
        "rule": (TEXT, "published rule"),
        "vessel": (TEXT, "where; empty for the whole patient"),
        "fraction": (NUMBER, "of the vessel's length"),
        "measure": (TEXT, "what was measured, in words"),
        "value_si": (NUMBER, "in SI"),
        "lower_si": (NUMBER, "of the 95 % interval"),
        "upper_si": (NUMBER, "of the 95 % interval"),
        "fired": (YES, "whether the rule fired"),
        "certainty": (NUMBER, "chance that it would without the instrument's errors"),
    },
    "procedures": {
        **_PATIENT,
        "line": (INTEGER, "of the operator's notes"),
        "kind": (TEXT, "note or complication"),
        "step": (TEXT, "of the protocol"),
        "text": (TEXT, "what was seen, done or happened"),
        "vessel": (TEXT, "of a complication"),
        "grade": (TEXT, "of a complication, Society of Interventional Radiology"),
        "day": (NUMBER, "after the procedure"),
    },
    "outcomes": {
        **_PATIENT, **_VISIT,
        "day": (NUMBER, "after the procedure; empty before it"),
        **{f"flow_{vein}_ml_min": (NUMBER, "mean flow towards the heart") for vein in (*FLOWS, "cardiac_output")},
        **{f"pressure_{place}_mmhg": (NUMBER, "mean pressure, to the atmosphere") for place in _PRESSURES},
        "icp_mmhg": (NUMBER, "mean pressure of the cerebrospinal fluid"),
        "worst_gradient_mmhg": (NUMBER, "the largest gradient across a lesion"),
        "worst_narrowing": (NUMBER, "the largest share of diameter that a lesion takes"),
    },
    "lesions": {
        **_PATIENT, **_VISIT,
        "lesion": (INTEGER, "number of the lesion in the patient, from 0"),
        "vessel": (TEXT, "where"),
        "fraction": (NUMBER, "of the vessel's length"),
        "kind": (TEXT, "stenosis, web, valve, thrombus or compression"),
        "narrowing": (NUMBER, "share of diameter taken now"),
        "gradient_mmhg": (NUMBER, "mean pressure above it less that below it"),
        "stented": (YES, "whether it holds a stent"),
        "event": (TEXT, "what happened to it since the procedure"),
    },
    "solves": {
        **_PATIENT,
        "solve": (TEXT, "which body was solved"),
        "outcome": (TEXT, "how the solve ended"),
        "sentence": (TEXT, "the same in words"),
        "beats": (INTEGER, "heart beats computed"),
        "residual": (NUMBER, "of the last turn"),
        "worst_vessel": (TEXT, "farthest from rest"),
        "volume_error": (NUMBER, "relative change of all blood and fluid"),
        "largest_froude": (NUMBER, "largest Froude number"),
        "froude_vessel": (TEXT, "where it was"),
        "repeated_steps": (INTEGER, "steps done again in smaller pieces"),
    },
})  # fmt: skip


@dataclass(slots=True)
class Rows:
    """What one patient leaves: a row of `patients`, and any number of the others."""

    patient: Row
    of: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in TABLES if name != "patients"})
    waveforms: list[float] = field(default_factory=list)  # visit after visit, flat

    @property
    def number(self) -> int:
        return int(self.patient["patient"])

    @property
    def outcome(self) -> str:
        return str(self.patient["outcome"])

    def add(self, table: str, row: Row) -> None:
        self.of[table].append({"patient": self.number} | row)

    def end(self, outcome: str, sentence: str) -> None:
        """How it went; the first thing that went wrong stays."""
        if self.patient["outcome"] == "ok":
            self.patient |= {"outcome": outcome, "sentence": sentence}


def columns_of(table: str, factors: Iterable[str]) -> Columns:
    """The columns of a table; those of `patients` end with a column for each parameter that varies."""
    own = TABLES[table]
    if table != "patients":
        return own
    return {**own, **{FACTOR + name: (NUMBER, f"factor on {name}; empty where it is absent") for name in factors}}


def arrow_schema(table: str, factors: Iterable[str]) -> "pa.Schema":
    """A table's schema, what each column is beside it."""
    import pyarrow as pa

    kinds = {INTEGER: pa.int64(), NUMBER: pa.float64(), TEXT: pa.string(), YES: pa.bool_()}
    columns = columns_of(table, factors).items()
    return pa.schema([pa.field(name, kinds[kind], metadata={"what": what}) for name, (kind, what) in columns])
