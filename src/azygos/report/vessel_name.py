"""What a clinician calls a vessel."""

import textwrap

from azygos.body.rows import table

__all__ = ["vessel_name"]

WIDE = 30  # letters of a line


def vessel_name(vessel: str) -> str:
    """The English name with its side, or the vessel's own where the tables have none; in lines that fit a panel."""
    for row in table("names"):
        if row["vessel"] == vessel:
            return textwrap.fill(row["english"].partition(" (")[0], WIDE)
    return vessel.replace("_", " ")
