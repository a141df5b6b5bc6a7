"""Problems as a browser is told them: a list of what, where and remedy."""

from azygos.errors import InputError

__all__ = ["problem", "problems"]


def problem(what: str, where: str = "", remedy: str = "") -> dict[str, str]:
    return {"what": what, "where": where, "remedy": remedy}


def problems(error: InputError) -> list[dict[str, str]]:
    return [problem(one.what, one.where, one.remedy) for one in error.problems]
