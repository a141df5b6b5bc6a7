"""The blocks of a svZeroDSolver file by name, read one by one, with everything that is wrong about them."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel

from azygos.body.check import Place
from azygos.errors import Problem, close_matches
from azygos.exchange.document import Document, Key, shown, validated
from azygos.exchange.svzerod_parts import port

__all__ = ["Blocks", "Trail"]

Form = TypeVar("Form", bound=BaseModel)
Trail: TypeAlias = tuple[Key, ...]

NAMES = ("vessel_name", "bc_name", "junction_name", "name")


class Blocks:
    """Reads blocks; gathers where each stands and what is wrong."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = list(document.problems)
        self.data: Mapping[str, Any] = document.data if isinstance(document.data, dict) else {}
        self.at: dict[str, Trail] = {}  # name -> where the block stands
        self.titled: list[str] = []  # blocks after which nodes are named
        self.vessels: dict[int, str] = {}  # id -> name
        self.whole = True  # whether every part has a place, so that the whole can be checked

    def note(self, what: str, path: Trail, remedy: str = "") -> None:
        self.problems.append(Problem(what, self.document.where(*path), remedy))

    def refuse(self, what: str, path: Trail, remedy: str = "") -> None:
        """Notes what leaves a hole in the network, so that the whole of it cannot be checked."""
        self.note(what, path, remedy)
        self.whole = False

    def locate(self, place: Place) -> str:
        name = place.name
        while name and name not in self.at:
            name = name.rpartition(".")[0]
        return self.document.where(*self.at.get(name, ()))

    def heads(self, section: str, model: type[Form]) -> Iterator[tuple[Form, Trail]]:
        """The blocks of a section, of which all have a name that is theirs."""
        for path, row in self.rows(section):
            form = self.form(model, path, row, f"{section} {int(path[1]) + 1}")
            name = next((row[key] for key in NAMES if key in row), "")
            if form is not None and self.add(str(name), path):
                yield form, path

    def rows(self, section: str) -> Iterator[tuple[Trail, Mapping[str, Any]]]:
        rows = self.data.get(section, [])
        if not isinstance(rows, list):
            self.refuse(f"'{section}' is not a list", (section,), "give it as [{...}, {...}]")
            return
        for index, row in enumerate(rows):
            if isinstance(row, dict):
                yield (section, index), row
            else:
                self.refuse(f"{section}: expected a mapping, got {shown(row)}", (section, index))

    def form(self, model: type[Form], path: Trail, row: Mapping[str, Any], block: str) -> Form | None:
        row = {key: value for key, value in row.items() if not key.startswith("_")}  # a comment
        found = validated(model, self.document, path, row, block, self.problems)
        self.whole = self.whole and found is not None
        return found

    def values(
        self,
        models: Mapping[str, type[BaseModel]],
        path: Trail,
        kind: str,
        key: str,
        row: Mapping[str, Any],
        block: str,
    ) -> BaseModel | None:
        """The numbers under `key`, by the model of their kind; None after its problems."""
        if kind in models:
            return self.form(models[kind], (*path, key), row, block)
        self.refuse(f"{block}: '{kind}' has no like here", path, f"known here: {', '.join(models)}")
        return None

    def add(self, name: str, path: Trail) -> bool:
        """Takes note of a block; False, with its problem, when its name is taken."""
        if name in self.at:
            first = self.document.where(*self.at[name])
            self.refuse(f"block '{name}' is given twice, first at {first}", path, "rename one")
            return False
        self.at[name] = path
        if path[0] != "vessels":
            self.titled.append(name)
        return True

    def numbered(self, number: int, path: Trail, way: str) -> str:
        if number in self.vessels:
            return port(self.vessels[number], way)
        self.refuse(f"there is no vessel of id {number}", path, "name a vessel's 'vessel_id'")
        return ""

    def named(self, name: str, path: Trail, way: str, block: str) -> str:
        place = self.side(name, way)
        if not place:
            self.refuse(f"{block}: there is no block '{name}'", path, close_matches(name, self.at))
        return place

    def side(self, name: str, way: str) -> str:
        """Where a block is met on its way in or out; empty when there is none."""
        section = self.at.get(name, ("",))[0]
        if not section:
            return ""
        two_sided = section in ("vessels", "valves") or (section == "chambers" and way == "out")
        return port(name, way if two_sided else "")
