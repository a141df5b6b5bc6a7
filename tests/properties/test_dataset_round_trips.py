"""A dataset written and read again is the same dataset, in every format and in whatever layout."""

import csv
import json
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from azygos.exchange.adam import short_names
from azygos.exchange.dataset_json import dataset_json
from azygos.exchange.define_xml import define_xml
from azygos.exchange.study_data import read_study_data
from azygos.study.dataset import Dataset, Table, empty_events, empty_values
from azygos.study.design import Allocation, Analysis, Arm, Design, Endpoint, Visit

CREATED = datetime(2012, 3, 29, 12, tzinfo=UTC)
VISITS = (Visit(name="baseline", day=0.0), Visit(name="month 1", day=30.0), Visit(name="month 6", day=182.0))
VARIABLES = ("msis_physical", "msis_mental", "count")
DESIGN = Design(
    name="round",
    title="A round trip & back <again>",
    kind="registry",  # patients chose their arm, so that small random datasets are not taken for leaks
    arms=(Arm(name="usual care", role="usual care"), Arm(name="ballon à 14 mm", role="active")),
    visits=VISITS,
    endpoints=(
        *(Endpoint(name=f"{name} at month 6", kind="continuous", of=name) for name in VARIABLES),
        Endpoint(name="relapse", kind="time to event"),
    ),
    analyses=(Analysis(name="cox", method="cox", endpoint="relapse", covariates=("edss", "form of disease")),),
    allocation=Allocation(strata=("site",)),
)
NAMES = (
    some.text(alphabet="abcXYZ019-_. é", min_size=1, max_size=6).map(str.strip).filter(lambda t: t and t not in (".",))
)
NUMBERS = some.floats(allow_nan=False, allow_infinity=False, width=64)
EVENTS = ("relapse", "lost to follow-up", "headache", "Jugular vein thrombosis")


@some.composite
def datasets(draw):
    names = draw(some.lists(NAMES, min_size=1, max_size=6, unique_by=lambda name: name))
    n = len(names)
    arms = [arm.name for arm in DESIGN.arms]
    subjects = {
        "subject": np.array(names),
        "arm": np.array([draw(some.sampled_from(arms)) for _ in names]),
        "edss": np.array([draw(some.one_of(some.just(np.nan), NUMBERS)) for _ in names]),
        "form of disease": np.array([draw(some.sampled_from(["RRMS", "SPMS", ""])) for _ in names]),
        "site": np.array([draw(some.sampled_from(["north", "east 2"])) for _ in names]),
        "followed": np.array([float(draw(some.integers(400, 900))) for _ in names]),
        "guess": np.array([draw(some.sampled_from([*arms, ""])) for _ in names]),
        "received": np.array([draw(some.sampled_from([*arms, ""])) for _ in names]),
    }
    places = [(s, v.name, x) for s in range(n) for v in VISITS for x in VARIABLES]
    kept = draw(some.lists(some.sampled_from(places), unique=True, max_size=12))
    rows = [(names[s], visit, variable, draw(NUMBERS)) for s, visit, variable in kept]
    happened = draw(
        some.lists(some.tuples(some.sampled_from(names), some.sampled_from(EVENTS), some.integers(1, 300)), max_size=6)
    )
    events = [(who, what, float(day), *draw(some.sampled_from(GRADES))) for who, what, day in happened]
    return Dataset(
        subjects=Table(subjects),
        values=_table(("subject", "visit", "variable", "value"), rows, empty_values()),
        events=_table(("subject", "event", "day", "grade", "serious"), events, empty_events()),
    )


GRADES = ((0.0, False), (1.0, False), (3.0, True), (np.nan, False))


def _table(names, rows, empty):
    return Table({n: np.array(c) for n, c in zip(names, zip(*rows, strict=True), strict=True)}) if rows else empty


def rows_of(table, names):
    """A table's rows as a set is not enough: events may be there twice. So sorted, numbers by their exact digits."""
    return sorted(tuple(_exact(table[name][row]) for name in names) for row in range(len(table)))


def _exact(cell):
    return float(cell).hex() if isinstance(cell, float | np.floating) else str(cell)


def same(one, two):
    subjects = [name for name in one.subjects.columns if _holds_something(one.subjects[name])]
    assert rows_of(one.subjects, subjects) == rows_of(two.subjects, subjects)
    values = ("subject", "visit", "variable", "value")
    assert rows_of(one.values, values) == rows_of(two.values, values)
    events = ("subject", "event", "day", "grade", "serious")
    assert rows_of(one.events, events) == rows_of(two.events, events)


def _holds_something(column):
    """A column of nothing but missing values has no kind, and is none when it is read."""
    return any(cell not in ("", "nan") for cell in column.astype(str))


@settings(max_examples=30, deadline=None)
@given(datasets())
def test_dataset_json_gives_back_what_was_written(dataset):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in dataset_json(DESIGN, dataset, CREATED).items():
            Path(folder, name).write_text(text, encoding="utf-8")
        same(dataset, read_study_data(folder, DESIGN))


@settings(max_examples=30, deadline=None)
@given(datasets())
def test_three_plain_tables_give_back_what_was_written(dataset):
    with tempfile.TemporaryDirectory() as folder:
        for name, table in (("subjects", dataset.subjects), ("values", dataset.values), ("events", dataset.events)):
            if len(table):
                _write(Path(folder, f"{name}.csv"), list(table.columns), zip(*table.columns.values(), strict=True))
        same(dataset, read_study_data(folder, DESIGN))


def _write(path, names, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([_written(cell) for cell in row] for row in rows)


def _written(cell):
    if isinstance(cell, float | np.floating):
        return "" if np.isnan(cell) else repr(float(cell))
    return "yes" if cell is np.True_ else "no" if cell is np.False_ else str(cell)


@settings(max_examples=30, deadline=None)
@given(datasets())
def test_a_wide_table_says_what_the_long_one_does(dataset):
    names = [f"{variable}@{visit.name}" for variable in VARIABLES for visit in VISITS]
    grids = [dataset.wide(variable, tuple(v.name for v in VISITS)) for variable in VARIABLES]
    wide = np.column_stack(grids)
    with tempfile.TemporaryDirectory() as folder:
        subjects = dataset.subjects.columns
        rows = [(*own, *values) for own, values in zip(zip(*subjects.values(), strict=True), wide, strict=True)]
        _write(Path(folder, "patients.csv"), [*subjects, *names], rows)
        if len(dataset.events):
            events = dataset.events.columns
            _write(Path(folder, "events.csv"), list(events), zip(*events.values(), strict=True))
        same(dataset, read_study_data(folder, DESIGN))


@settings(max_examples=12, deadline=None)
@given(datasets())
def test_the_description_names_every_column_that_is_there(dataset):
    from odmlib import define_loader, loader

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "define.xml")
        path.write_text(define_xml(DESIGN, dataset, CREATED), encoding="utf-8")
        reader = loader.ODMLoader(
            define_loader.XMLDefineLoader(model_package="define_2_1", ns_uri="http://www.cdisc.org/ns/def/v2.1")
        )
        reader.open_odm_document(str(path))
        root = reader.load_odm()
    assert root.validate(collect_errors=True) == []
    described = {item.OID for item in root.Study.MetaDataVersion.ItemDef}
    files = dataset_json(DESIGN, dataset, CREATED)
    written = {column["itemOID"] for text in files.values() for column in json.loads(text)["columns"]}
    assert described == written


@settings(max_examples=12, deadline=None)
@given(datasets())
def test_the_description_is_valid_by_the_published_schema(dataset):
    # CDISC's own schema of Define-XML 2.1, as odmlib carries it.
    assert [error.reason for error in schema().iter_errors(define_xml(DESIGN, dataset, CREATED))] == []


@cache
def schema():
    import odmlib
    import xmlschema

    folder = Path(odmlib.__file__).parent / "schemas" / "define" / "2.1"
    return xmlschema.XMLSchema(str(folder / "define2-1-0.xsd"))


@settings(deadline=None)
@given(some.lists(some.text(max_size=20), unique=True, max_size=30))
def test_short_names_are_short_and_told_apart(names):
    short = short_names(names, taken=("AGE",))
    assert len(set(short.values()) | {"AGE"}) == len(names) + 1
    assert all(
        1 <= len(name) <= 8 and name[0].isalpha() and name.isascii() and name.isupper() for name in short.values()
    )
