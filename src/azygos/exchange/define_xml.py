"""Describes the tables of a dataset as CDISC Define-XML 2.1 (ADaM), through odmlib."""

from datetime import datetime
from xml.etree import ElementTree

from odmlib.define_2_1 import model

from azygos.exchange.adam import AdamColumn, AdamTable, adam_tables
from azygos.study.dataset import Dataset
from azygos.study.design import Design

__all__ = ["define_xml"]

CODED = ("TRT01P", "TRT01A", "PARAMCD", "AVISIT", "AESER", "CESER", "AETOXGR")  # whose values are listed
DERIVED = {"BASE": "AVAL at the baseline visit", "CHG": "AVAL - BASE", "AVISITN": "visits in order of their day",
           "ADY": "day of the visit less day of allocation, + 1 from the day of allocation on",
           "ASTDY": "day of the event less day of allocation, + 1 from the day of allocation on"}  # fmt: skip
TYPES = {"string": "text", "integer": "integer", "double": "float"}
NAMESPACES = {"xmlns": "http://www.cdisc.org/ns/odm/v1.3", "xmlns:def": "http://www.cdisc.org/ns/def/v2.1",
              "xmlns:xlink": "http://www.w3.org/1999/xlink"}  # fmt: skip
DIGITS = 6  # Define-XML asks for a number of decimals of a float: as many as any score here has, and more


def define_xml(design: Design, dataset: Dataset, created: datetime) -> str:
    """The text of `define.xml`."""
    tables = adam_tables(design, dataset)
    version = model.MetaDataVersion(
        OID=f"MDV.{design.name}",
        Name=f"{design.name}, data definitions",
        Description=design.title,
        DefineVersion="2.1.0",
        Standards=model.Standards(
            Standard=[model.Standard(OID="STD.ADAM", Name="ADaMIG", Type="IG", Version="1.3", Status="Final")]
        ),
        ItemGroupDef=[_group(table) for table in tables],
        ItemDef=[_item(table, column) for table in tables for column in table.columns],
        CodeList=[_codes(table, column) for table in tables for column in table.columns if _is_coded(column)],
        MethodDef=[_method(name) for name in sorted(_derived(tables))],
    )
    odm = model.ODM(
        FileType="Snapshot",
        FileOID=f"{design.name}.define",
        CreationDateTime=created.isoformat(timespec="seconds"),
        ODMVersion="1.3.2",
        Originator="azygos",
        Context="Other",
        Study=model.Study(
            OID=design.name,
            GlobalVariables=model.GlobalVariables(
                StudyName=model.StudyName(_content=design.name),
                StudyDescription=model.StudyDescription(_content=design.title),
                ProtocolName=model.ProtocolName(_content=design.registration or design.name),
            ),
            MetaDataVersion=version,
        ),
    )
    root = odm.to_xml()
    assert root is not None
    for prefix, address in NAMESPACES.items():  # odmlib keeps them in a state of the whole process, which is left alone
        root.set(prefix, address)
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _derived(tables: tuple[AdamTable, ...]) -> set[str]:
    return {column.name for table in tables for column in table.columns} & set(DERIVED)


def _is_coded(column: AdamColumn) -> bool:
    """A list of codes has one at least: a column without a value, such as grades nobody knows, has no list."""
    return column.name in CODED and any(cell is not None for cell in column.cells)


def _description(text: str) -> model.Description:
    return model.Description(TranslatedText=[model.TranslatedText(_content=text, lang="en")])


def _group(table: AdamTable) -> model.ItemGroupDef:
    file = f"{table.name.lower()}.json"
    return model.ItemGroupDef(
        OID=f"IG.{table.name}",
        Name=table.name,
        Repeating="No" if table.name == "ADSL" else "Yes",
        IsReferenceData="No",
        SASDatasetName=table.name,
        Purpose="Analysis",
        Structure=table.structure,
        StandardOID="STD.ADAM",
        ArchiveLocationID=f"LF.{table.name}",
        Description=_description(table.label),
        ItemRef=[_reference(table, column, place) for place, column in enumerate(table.columns, start=1)],
        Class=model.Class(Name=table.of_class),
        leaf=model.leaf(ID=f"LF.{table.name}", href=file, title=model.title(_content=file)),
    )


def _reference(table: AdamTable, column: AdamColumn, place: int) -> model.ItemRef:
    reference = model.ItemRef(
        ItemOID=f"IT.{table.name}.{column.name}",
        OrderNumber=place,
        Mandatory="No" if any(cell is None for cell in column.cells) else "Yes",
    )
    if column.key is not None:
        reference.KeySequence = column.key
    if column.name in DERIVED:
        reference.MethodOID = f"MT.{column.name}"
    return reference


def _item(table: AdamTable, column: AdamColumn) -> model.ItemDef:
    item = model.ItemDef(
        OID=f"IT.{table.name}.{column.name}",
        Name=column.name,
        DataType=TYPES[column.kind],
        Length=column.length,
        SASFieldName=column.name,
        Description=_description(column.label),
        Origin=[
            model.Origin(Type="Derived", Source="Sponsor")
            if column.name in DERIVED
            else model.Origin(Type="Assigned" if column.name == "STUDYID" else "Collected", Source="Sponsor")
        ],
    )
    if column.kind == "double":
        item.SignificantDigits = DIGITS
    if _is_coded(column):
        item.CodeListRef = model.CodeListRef(CodeListOID=f"CL.{table.name}.{column.name}")
    return item


def _codes(table: AdamTable, column: AdamColumn) -> model.CodeList:
    """The values that there are; of a parameter's code, what it stands for."""
    words = list(dict.fromkeys(str(cell) for cell in column.cells if cell is not None))
    codes = model.CodeList(
        OID=f"CL.{table.name}.{column.name}",
        Name=f"{column.label}, {table.name}",
        DataType=TYPES[column.kind],
        IsNonStandard="Yes",
    )
    if column.name != "PARAMCD":
        codes.EnumeratedItem = [model.EnumeratedItem(CodedValue=word) for word in words]
        return codes
    names = next(other for other in table.columns if other.name == "PARAM").cells
    meant = dict(zip(column.cells, names, strict=True))
    codes.CodeListItem = [
        model.CodeListItem(
            CodedValue=word,
            Decode=model.Decode(TranslatedText=[model.TranslatedText(_content=str(meant[word]), lang="en")]),
        )
        for word in words
    ]
    return codes


def _method(name: str) -> model.MethodDef:
    return model.MethodDef(
        OID=f"MT.{name}", Name=f"Derivation of {name}", Type="Computation", Description=_description(DERIVED[name])
    )
