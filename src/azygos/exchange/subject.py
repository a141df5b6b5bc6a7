"""Whatever a command can be given: the word `reference`, a body file, or a network file."""

import re
from pathlib import Path

from azygos.body.body import Body
from azygos.body.network import Network
from azygos.errors import InputError, Problem

__all__ = ["REFERENCE", "as_body", "read_subject"]

REFERENCE = "reference"
BODY = re.compile(r"""^[ {]*["']?format["']?\s*:\s*["']?azygos-body/""", flags=re.MULTILINE)


def read_subject(what: Path | str) -> Body | Network:
    """The body or network that `what` names. Raises InputError with all that is wrong with its file."""
    path = Path(what)
    if str(what) == REFERENCE and not path.exists():
        return Body.reference()
    if not path.exists():
        remedy = f"give a file, or the word '{REFERENCE}' for the reference adult"
        raise InputError(Problem(f"there is no file '{what}'", remedy=remedy))
    if _is_body(path):
        from azygos.exchange.person import read_body

        return read_body(path)
    from azygos.exchange.native import read_network

    return read_network(path)


def as_body(subject: Body | Network) -> Body:
    """The body itself, or a network as one of which it is not known where its nodes lie."""
    if isinstance(subject, Body):
        return subject
    return Body(name=subject.name, healthy=subject, places={}, kinds={})


def _is_body(path: Path) -> bool:
    """Whether the file says that it is a body; what cannot be read is said by the reader of networks."""
    try:
        return BODY.search(path.read_text(encoding="utf-8-sig")) is not None
    except (OSError, UnicodeDecodeError):
        return False
