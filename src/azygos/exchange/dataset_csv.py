"""A study's dataset as three CSV files and the dictionary that says what their columns are: azygos.exchange.study_data
reads them back."""

import csv
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from azygos.exchange.dictionary import PLAIN
from azygos.study.dataset import Dataset, Table
from azygos.study.design import Design

__all__ = ["dataset_csv"]


def dataset_csv(design: Design, dataset: Dataset) -> dict[str, str]:
    """The texts of patients.csv, values.csv, events.csv and dictionary.yaml, by name."""
    tables = {"patients.csv": dataset.subjects, "values.csv": dataset.values, "events.csv": dataset.events}
    texts = {name: _text(table) for name, table in tables.items() if len(table)}
    names = dict.fromkeys(name for table in tables.values() if len(table) for name in table.columns)
    lines = [f"  {name}: {{role: {name if name in PLAIN else 'covariate'}}}" for name in names]
    dictionary = "\n".join([f"# of {design.name}", "format: azygos-dictionary/1", "columns:", *lines]) + "\n"
    return texts | {"dictionary.yaml": dictionary}


def _text(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(zip(*(_cells(column) for column in table.columns.values()), strict=True))
    return out.getvalue()


def _cells(column: NDArray[Any]) -> list[str]:
    """Numbers exact to the last digit, nothing for what is missing, yes and no as 1 and 0."""
    if column.dtype.kind == "f":
        return ["" if np.isnan(value) else repr(float(value)) for value in column]
    if column.dtype.kind == "b":
        return [str(int(value)) for value in column]
    return [str(value) for value in column]
