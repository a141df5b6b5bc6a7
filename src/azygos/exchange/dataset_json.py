"""Writes a study's dataset as CDISC Dataset-JSON 1.1, one file for each ADaM table, through odmlib.

Reading is `azygos.exchange.sheet.read_dataset_json`: odmlib reads the format too, but stops at the first fault.
"""

import json
from datetime import datetime

from odmlib.dataset_json_1_1 import model

from azygos.exchange.adam import AdamTable, adam_tables
from azygos.study.dataset import Dataset
from azygos.study.design import Design

__all__ = ["dataset_json"]

VERSION = "1.1.0"


def dataset_json(design: Design, dataset: Dataset, created: datetime) -> dict[str, str]:
    """The text of each file by its name, `adsl.json` and others; they refer to `define.xml` beside them."""
    return {f"{table.name.lower()}.json": _text(design, table, created) for table in adam_tables(design, dataset)}


def _text(design: Design, table: AdamTable, created: datetime) -> str:
    group = f"IG.{table.name}"
    columns = [
        model.Column(
            itemOID=f"IT.{table.name}.{column.name}",
            name=column.name,
            label=column.label,
            dataType=column.kind,
            # Keys left out, not null: odmlib and the schema take no null for what may be missing.
            **({"length": column.length} if column.kind == "string" else {}),
            **({"keySequence": column.key} if column.key else {}),
        )
        for column in table.columns
    ]
    rows = table.rows
    found = model.DatasetJSON(  # type: ignore[no-untyped-call]  # odmlib has no types
        datasetJSONCreationDateTime=created.isoformat(timespec="seconds"),
        datasetJSONVersion=VERSION,
        fileOID=f"{design.name}.{table.name}",
        originator="azygos",
        studyOID=design.name,
        metaDataVersionOID=f"MDV.{design.name}",
        metaDataRef="define.xml",
        itemGroupOID=group,
        records=len(rows),
        name=table.name,
        label=table.label,
        columns=columns,
        rows=rows,
    )
    return _one_row_a_line(found.to_dict())


def _one_row_a_line(data: dict[str, object]) -> str:
    """JSON that a person can look through: columns and rows each on a line of their own."""
    lines = []
    for key, value in data.items():
        if isinstance(value, list) and value:
            inner = ",\n  ".join(json.dumps(item, allow_nan=False, ensure_ascii=False) for item in value)
            lines.append(f'"{key}": [\n  {inner}\n ]')
        else:
            lines.append(f'"{key}": {json.dumps(value, allow_nan=False, ensure_ascii=False)}')
    return "{\n " + ",\n ".join(lines) + "\n}\n"
