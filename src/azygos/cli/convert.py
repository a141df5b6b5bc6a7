"""`azygos convert`: a network from one format into another."""

import json as jsons
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from azygos.cli.files import FORMATS
from azygos.cli.request import Problems
from azygos.errors import Problem

if TYPE_CHECKING:
    from azygos.body.network import Network

__all__ = ["convert"]

Format = Literal["azygos", "openbf", "svzerod"]
Units = Literal["cgs", "si", "mmHg-mL"]
SUFFIXES: Mapping[str, Format] = {".yaml": "azygos", ".yml": "azygos", ".json": "svzerod"}


def convert(
    file: Path,
    out: Path,
    /,
    *,
    to: Format | None = None,
    unit: Literal["mm", "cm", "m"] | None = None,
    units: Units | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Write a network in another format: azygos' own, openBF's or svZeroDSolver's.

    What a format cannot say is refused with a list, and nothing is written.

    Parameters
    ----------
    file
        A network's file in any of these, a body's, the word reference, or centrelines with radii (.vtp).
    out
        The file to write.
    to
        Its format. Default: by the end of its name, azygos' own for .yaml and svZeroDSolver's for .json.
    unit
        Of the lengths in a .vtp file, which does not say it.
    units
        Of the numbers in a svZeroDSolver file, read or written. Default: what the file says, else cgs.
    json
        Print one JSON object and nothing else.
    """
    problems = Problems()
    form = to or SUFFIXES.get(out.suffix.lower())
    if form is None:
        got = f"'{out.suffix}'" if out.suffix else "no suffix"
        remedy = "end it in .yaml or .json, or say --to"
        if out.suffix in FORMATS:
            remedy = "a result is written by 'azygos simulate --out'"
        problems.found.append(Problem(f"{got} names no format of networks", str(out), remedy))
    if not out.parent.is_dir():
        problems.found.append(Problem(f"there is no directory '{out.parent}'", str(out), "make it first"))
    elif out.is_dir():
        problems.found.append(Problem("it is a directory", str(out), "name a file"))
    problems.found += _needless(file.suffix.lower(), form, unit, units)
    network = problems.check(lambda: _read(file, unit, units))
    problems.settle()
    assert network is not None and form is not None
    _writers(units)[form](network, out)
    lacking = _lacking(network) if file.suffix.lower() == ".vtp" else []
    if json:
        said = {"network": network.name, "format": form, "out": str(out), "vessels": len(network.vessels)}
        print(jsons.dumps({**said, "links": len(network.links), "stores": len(network.stores), "missing": lacking}))
        return 0
    print(f"{network!r}\n")
    for sentence in lacking:
        print(f"Still missing: {sentence}.")
    print(f"Network: {out}")
    return 0


def _needless(suffix: str, form: Format | None, unit: str | None, units: str | None) -> Iterator[Problem]:
    """Units given of files that name their own: nothing would come of them."""
    if unit is not None and suffix != ".vtp":
        yield Problem("it is said of a .vtp file only", "--unit", "leave it out")
    if units is not None and form != "svzerod" and suffix != ".json":
        yield Problem("neither file is svZeroDSolver's", "--units", "leave it out")


def _read(file: Path, unit: str | None, units: str | None) -> "Network":
    """The network of a file; a body's is that which the engine solves."""
    from azygos.body.network import Network
    from azygos.exchange.subject import read_subject
    from azygos.exchange.svzerod import read_svzerod
    from azygos.exchange.vtp_network import centreline_network

    if file.suffix.lower() == ".vtp":
        return centreline_network(file, unit or "")
    if file.suffix.lower() == ".json" and units is not None:
        return read_svzerod(file, units)
    subject = read_subject(file)
    return subject if isinstance(subject, Network) else subject.network


def _writers(units: str | None) -> "Mapping[Format, Callable[[Network, Path], None]]":
    from azygos.exchange.native import write_network
    from azygos.exchange.openbf import write_openbf
    from azygos.exchange.svzerod import write_svzerod

    return {
        "azygos": write_network,
        "openbf": write_openbf,
        "svzerod": lambda network, out: write_svzerod(network, out, units or "cgs"),
    }


def _lacking(network: "Network") -> list[str]:
    from azygos.exchange.vtp_network import missing

    return missing(network)
