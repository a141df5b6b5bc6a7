"""The models on files: long and wide forms, labels, and everything wrong with a file at once."""

import numpy as np
import pytest

from azygos.cli.stats_arguments import arguments_of
from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics import table_models, table_survival
from azygos.statistics.mixed import mmrm
from azygos.statistics.registry_models import METHODS
from azygos.statistics.table import Table


def table(**columns):
    names = {name: tuple(str(cell) for cell in cells) for name, cells in columns.items()}
    return Table(columns=names, source="data.csv", lines=tuple(range(2, 2 + len(next(iter(names.values()))))))


def visits():
    draw = stream(1, "test of tables")
    y, arm = draw.normal(size=(30, 3)), np.arange(30) % 2
    y[5:12, 2] = np.nan
    rows = [(i, week, arm[i], y[i, j]) for i in range(30) for j, week in enumerate((4, 12, 26))]
    rows = [rows[place] for place in draw.permutation(90)]
    ids, weeks, arms, values = zip(*rows, strict=True)
    cells = ["" if np.isnan(v) else repr(float(v)) for v in values]
    return table(id=ids, week=weeks, arm=["sham" if a == 0 else "active" for a in arms], score=cells), y, arm


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_method_has_arguments_the_command_line_can_read(method):
    for argument in arguments_of(method.function):
        assert argument.form


def test_visits_in_any_order_are_put_side_by_side():
    data, y, arm = visits()
    found = table_models.mmrm(data, outcome="score", arm="arm", visit="week", patient="id", control="sham")
    theirs = mmrm(y, arm)
    assert [line.name for line in found.results[:3]] == [f"active - sham at {week}" for week in (4, 12, 26)]
    for line, effect in zip(found.results, theirs.differences, strict=False):
        assert (line.estimate, line.se, line.df) == pytest.approx((effect.estimate, effect.se, effect.df))


def test_visits_that_come_twice_and_arms_that_change_are_all_named():
    data = table(id=[1, 1, 1, 2], week=[4, 4, 12, 4], arm=["a", "a", "b", "b"], score=[1, 2, 3, 4])
    with pytest.raises(InputError) as error:
        table_models.mmrm(data, outcome="score", arm="arm", visit="week", patient="id")
    said = str(error.value)
    assert "data.csv:3: patient '1' has visit '4' twice" in said
    assert "data.csv:4: 'arm' of patient '1' is not the same in all rows" in said


def test_empty_cells_are_named_by_line_or_their_rows_left_out():
    data = table(time=[5, 3, 8, 2, 9], event=[1, 1, 0, 1, 1], sex=["m", "", "f", "f", "m"])
    with pytest.raises(InputError, match=r"data\.csv:3: column 'sex' is empty; leave the row out"):
        table_survival.logrank(data, time="time", event="event", group="sex")
    assert table_survival.logrank(data, time="time", event="event", group="sex", missing="drop").df == 1


def test_text_covariates_are_indicators_and_events_may_have_any_name():
    draw = stream(2, "test of tables")
    time, state = draw.exponential(size=60), draw.choice(["dead", "alive"], 60)
    data = table(time=time, state=state, site=draw.choice(["A", "B", "C"], 60), age=draw.normal(60.0, 9.0, 60))
    found = table_survival.cox(data, time="time", event="state", event_value="dead", covariates=("site", "age"))
    names = [line.name for line in found.results[:3]]
    assert names == ["log hazard ratio of site=B", "log hazard ratio of site=C", "log hazard ratio of age"]
    with pytest.raises(InputError, match="column 'state' has no 'died'"):
        table_survival.cox(data, time="time", event="state", event_value="died", covariates=("age",))


def test_columns_that_are_not_there_are_all_named_with_what_they_may_have_been():
    data = table(time=[1, 2], event=[1, 0], arm=["a", "b"])
    with pytest.raises(InputError) as error:
        table_survival.rmst(data, time="tme", event="event", arm="am")
    assert len(error.value.problems) == 2 and "did you mean 'time'?" in str(error.value)


def test_status_coded_one_and_two_is_not_taken_for_censored_and_event():
    with pytest.raises(InputError, match="say which one means an event"):
        table_survival.kaplan_meier(table(time=[1, 2], status=[1, 2]), time="time", event="status")
