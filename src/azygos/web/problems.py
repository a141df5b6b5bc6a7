"""Problems as a browser is told them: a list of what, where and remedy."""

from pydantic import BaseModel

from azygos.errors import InputError

__all__ = ["Problems", "Told", "problem", "problems"]


class Told(BaseModel):
    """One problem."""

    what: str
    where: str
    remedy: str


class Problems(BaseModel):
    """The body of every refusal."""

    problems: list[Told]


def problem(what: str, where: str = "", remedy: str = "") -> dict[str, str]:
    return {"what": what, "where": where, "remedy": remedy}


def problems(error: InputError) -> list[dict[str, str]]:
    return [problem(one.what, one.where, one.remedy) for one in error.problems]
