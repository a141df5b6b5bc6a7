"""What a format cannot say, gathered while a network is written; alike problems of many parts become one."""

from azygos.errors import InputError, Problem

__all__ = ["Refused"]

NAMED = 6  # parts of one kind of problem that are named before the rest is counted


class Refused:
    """Problems by what and remedy, each with the parts that have it."""

    def __init__(self, remedy: str) -> None:
        self.remedy = remedy
        self.parts: dict[tuple[str, str], list[str]] = {}

    def add(self, part: str, what: str, remedy: str = "") -> None:
        self.parts.setdefault((what, remedy or self.remedy), []).append(part)

    def settle(self) -> None:
        """Raises InputError when there are any."""
        found = []
        for (what, remedy), parts in self.parts.items():
            more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
            found.append(Problem(what, ", ".join(parts[:NAMED]) + more, remedy))
        if found:
            raise InputError(found)
