"""Data dictionaries: what each column of a study's tables is.

    format: azygos-dictionary/1
    missing: [NA, "."]                       # what stands for a missing value beside an empty cell
    columns:
      id: {role: subject}
      group: {role: arm, values: {A: venoplasty, B: sham}}
      site: {role: covariate}
      edss: {role: covariate, limits: [0, 10]}
      randomised: {role: allocated}          # a date: days are counted from it
      msis_0: {role: value, variable: msis_physical, visit: baseline, limits: [0, 100], unit: points}
      msis_6: {role: value, variable: msis_physical, visit: month 6}
      msis_6_on: {role: day, visit: month 6} # a date, or days from allocation
      relapse_on: {role: event, event: relapse}
      comment: {role: ignored}

Roles: `subject`, `arm`, `received`, `followed`, `guess`, `allocated`, `covariate` say what holds for a patient, so on
several rows of one patient they must agree. A row may have any number of columns of role `value`; which variable and
which visit each is of stands in the dictionary or in columns of roles `variable` and `visit`. `event` with a name holds
a day or date, empty for none; without one it holds the name, beside columns `day`, `grade` and `serious`. `censored`
beside an event's name is 1 where it was not seen. `values` gives the meanings of codes, or lists what may stand there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import BeforeValidator, Field

from azygos.errors import InputError, Problem, close_matches, near_matches
from azygos.exchange.design import Pair
from azygos.exchange.document import read_document
from azygos.exchange.nested import Form, nested
from azygos.exchange.sheet import Sheet
from azygos.study.design import Design

__all__ = ["ADAM", "ROLES", "Column", "Dictionary", "is_adam", "known_names", "read_dictionary", "understood"]

ColumnRole: TypeAlias = Literal[
    "subject", "arm", "received", "followed", "guess", "allocated", "covariate", "visit", "variable", "value", "day",
    "event", "grade", "serious", "censored", "change", "baseline", "ignored",
]  # fmt: skip
ADD_IT = "add it to the dictionary; 'role: ignored' leaves it out"
ROLES: tuple[str, ...] = get_args(ColumnRole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column is."""

    role: ColumnRole
    variable: str = ""
    visit: str = ""
    event: str = ""
    unit: str = ""
    limits: tuple[float, float] | None = None
    values: Mapping[str, str] = field(default_factory=dict)  # code: meaning
    name: str = ""  # of a covariate; empty: that of the column


SYNONYMS = {
    **dict.fromkeys(("id", "patient", "patient_id", "subject_id", "subjid", "pid"), "did you mean 'subject'?"),
    **dict.fromkeys(("group", "treatment", "trt", "allocation", "randomised_to"), "did you mean 'arm'?"),
}
UNNAMED = ("covariate", "censored", "change", "baseline", "ignored")  # roles that only a dictionary or a standard gives
# Columns that mean what they are called, where there is no dictionary.
PLAIN = {role: Column(role=role) for role in get_args(ColumnRole) if role not in UNNAMED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictionary:
    """What the columns of a study's tables are, by their names."""

    columns: Mapping[str, Column]
    missing: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)  # where in the dictionary's file each is


def _codes(value: object) -> object:
    """A mapping of codes, or the list of those that may be."""
    return {str(word): str(word) for word in value} if isinstance(value, list) else value


class ColumnForm(Form):
    role: ColumnRole
    variable: str = ""
    visit: str = ""
    event: str = ""
    unit: str = ""
    limits: Pair | None = None
    values: Annotated[dict[str, str], BeforeValidator(_codes)] = Field(default_factory=dict)
    name: str = ""


class DictionaryForm(Form):
    format: Literal["azygos-dictionary/1"]
    missing: tuple[str, ...] = ()
    columns: dict[str, ColumnForm]


def read_dictionary(path: str | Path, design: Design) -> Dictionary:
    """A dictionary's file. Raises InputError with all problems, each with its line."""
    document = read_document(Path(path))
    problems = list(document.problems)
    form = nested(DictionaryForm, document, (), "dictionary", {"columns": ("column '{}'", ColumnForm)}, problems)
    columns = form.columns if form else {}
    visits = [visit.name for visit in design.visits]
    for name, column in columns.items():
        where = document.where("columns", name)
        if column.visit and column.visit not in visits:
            what = f"column '{name}': the design has no visit '{column.visit}'"
            problems.append(Problem(what, where, close_matches(column.visit, visits)))
        if column.role == "arm":
            arms = [arm.name for arm in design.arms]
            for arm in dict.fromkeys(column.values.values()):
                if arm and arm not in arms:
                    what = f"column '{name}': the design has no arm '{arm}'"
                    problems.append(Problem(what, where, close_matches(arm, arms)))
    if form and sum(column.role == "subject" for column in columns.values()) == 0:
        problems.append(
            Problem("no column has the role subject", document.where("columns"), "say which names patients")
        )
    if problems:
        raise InputError(document.in_order(problems))
    assert form is not None
    known = {name: Column(**column.model_dump()) for name, column in columns.items()}
    return Dictionary(
        columns=known,
        missing=form.missing,
        places={name: document.where("columns", name) for name in known},
    )


def known_names(design: Design) -> dict[str, Column]:
    """Columns that need no dictionary: those that mean what they are called, and what the design names.

    `edss` is a covariate, `msis_physical` a value (of the row's visit), `msis_physical@month 6` one of that visit, and
    `relapse` the day of that event.
    """
    known: dict[str, Column] = {}
    for endpoint in design.endpoints:
        if endpoint.kind == "time to event":
            known |= {event: Column(role="event", event=event) for event in (endpoint.variable, *endpoint.competing)}
    for name in covariates_of(design):
        known[name] = Column(role="covariate")
    for endpoint in design.endpoints:
        if endpoint.kind != "time to event":
            variable = endpoint.variable
            known.setdefault(variable, Column(role="value", variable=variable))
            for visit in design.visits:
                known[f"{variable}@{visit.name}"] = Column(role="value", variable=variable, visit=visit.name)
    return known | PLAIN


def covariates_of(design: Design) -> tuple[str, ...]:
    """What a design asks to be known of each patient at allocation."""
    asked = [*design.allocation.strata, *(rule.variable for rule in design.eligibility)]
    asked += [name for analysis in design.analyses for name in analysis.covariates]
    return tuple(dict.fromkeys(asked))


# ---------------------------------------------------------------------------------------------------------------
# ADaM: CDISC Analysis Data Model Implementation Guide 1.3, sections 3.2 (ADSL), 3.3 (BDS); OCCDS 1.0 for events

_TRT = {"TRT01P": Column(role="arm"), "TRT01A": Column(role="received"), "RANDDT": Column(role="allocated"),
        "FOLLDY": Column(role="followed"), "GUESS": Column(role="guess")}  # fmt: skip
_USUBJID = {"USUBJID": Column(role="subject")}
ADAM: Mapping[str, Mapping[str, Column]] = MappingProxyType(
    {
        "adsl": _USUBJID | _TRT,
        "bds": _USUBJID
        | {"PARAMCD": Column(role="variable"), "AVISIT": Column(role="visit"), "AVAL": Column(role="value"),
           "ADY": Column(role="day"), "CHG": Column(role="change"), "BASE": Column(role="baseline")},
        "tte": _USUBJID
        | {"PARAMCD": Column(role="event"), "AVAL": Column(role="day"), "CNSR": Column(role="censored")},
        "occds": _USUBJID
        | {"AEDECOD": Column(role="event"), "CEDECOD": Column(role="event"), "AETOXGR": Column(role="grade"),
           "AESER": Column(role="serious"), "CESER": Column(role="serious"), "ASTDY": Column(role="day")},
    }
)  # fmt: skip
FOLLOWED = "followed for "
SEVERITY = MappingProxyType({"MILD": "1", "MODERATE": "2", "SEVERE": "3", "LIFE THREATENING": "4", "FATAL": "5"})


def is_adam(sheet: Sheet) -> bool:
    return "USUBJID" in sheet.columns


def adam_kind(sheet: Sheet) -> str:
    """Which of the structures of ADaM a table has."""
    if "CNSR" in sheet.columns:
        return "tte"
    if "PARAMCD" in sheet.columns and "AVAL" in sheet.columns:
        return "bds"
    if any(name in sheet.columns for name in ("AEDECOD", "AETERM", "CEDECOD", "CETERM")):
        return "occds"
    return "adsl"


def understood(
    sheet: Sheet, design: Design, dictionary: Dictionary | None, problems: list[Problem]
) -> dict[str, Column]:
    """What the columns of a table are, after its dictionary, its standard, or their names; adds what is unknown."""
    if dictionary is not None and not is_adam(sheet):
        return _by_dictionary(sheet, dictionary, problems)
    if is_adam(sheet):
        return _adam(sheet, design) | {
            n: c for n, c in (dictionary.columns if dictionary else {}).items() if n in sheet.columns
        }
    known = known_names(design)
    for name in sheet.columns:
        if name not in known:
            near = SYNONYMS.get(name.casefold(), "") or near_matches(name, known)
            remedy = "say what it is in a dictionary (--dictionary)"
            remedy = f"{near} Else {remedy}" if near else remedy
            problems.append(Problem(f"unknown column '{name}'", sheet.file, remedy))
    return {name: known[name] for name in sheet.columns if name in known}


def _by_dictionary(sheet: Sheet, dictionary: Dictionary, problems: list[Problem]) -> dict[str, Column]:
    for name in sheet.columns:
        if name not in dictionary.columns:
            near = near_matches(name, dictionary.columns)
            remedy = f"{near} Else {ADD_IT}" if near else ADD_IT
            problems.append(Problem(f"unknown column '{name}'", sheet.file, remedy))
    return {name: dictionary.columns[name] for name in sheet.columns if name in dictionary.columns}


def _adam(sheet: Sheet, design: Design) -> dict[str, Column]:
    """The columns of an ADaM table that are used; others of the standard are left alone."""
    kind = adam_kind(sheet)
    known = dict(ADAM[kind])
    if kind == "occds":
        for term, decoded in (("AETERM", "AEDECOD"), ("CETERM", "CEDECOD")):
            if decoded not in sheet.columns:
                known[term] = Column(role="event")
        if "AETOXGR" not in sheet.columns:
            known["AESEV"] = Column(role="grade", values=SEVERITY)
        if "ASTDY" not in sheet.columns:
            known |= {"AESTDY": Column(role="day"), "CESTDY": Column(role="day")}
    if kind == "adsl":
        if "TRT01P" not in sheet.columns:
            known["ARM"] = Column(role="arm")
        asked = {name.casefold(): name for name in covariates_of(design)}
        for name in sheet.columns:
            label = sheet.labels.get(name, "").casefold()
            wanted = asked.get(name.casefold()) or asked.get(label)
            if wanted and name not in known:
                known[name] = Column(role="covariate", name=wanted)
            elif label.startswith(FOLLOWED):
                known[name] = Column(role="followed", event=sheet.labels[name][len(FOLLOWED) :])
    return {name: replace(column) for name, column in known.items() if name in sheet.columns}
