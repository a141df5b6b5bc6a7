"""What a command line asks of a cohort's run, read so that everything wrong with it is said at once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from azygos.cli.request import Problems

if TYPE_CHECKING:
    from cyclopts import Token

    from azygos.population.cohort import Cohort
    from azygos.run.waveforms import Waveforms

__all__ = ["Count", "changed", "check_options", "check_workers", "waveforms_of"]


def _count(_: type, tokens: "Sequence[Token]") -> int:
    """A number's text; that of a fraction is refused, not rounded."""
    text = tokens[0].value
    if not (text.isascii() and text.removeprefix("-").isdecimal()):
        raise ValueError(f"'{text}' is no whole number")
    return int(text)


Count: TypeAlias = Annotated[int, Parameter(converter=_count)]


def check_workers(problems: Problems, workers: int | None, scheduler: str | None = None) -> None:
    """Notes a number of workers that cannot be, or that a scheduler has already."""
    from azygos.errors import Problem

    if workers is not None and workers < 1:
        problems.found.append(Problem(f"{workers} workers", "--workers", "give 1 or more"))
    if workers is not None and scheduler is not None:
        what = "processes of this machine and a scheduler's workers do not run together"
        problems.found.append(Problem(what, "--workers, --scheduler", "give one of them"))


def check_options(problems: Problems, n: int, tables: str | None) -> None:
    """Notes what is wrong with the number of patients and with the address of a store."""
    from azygos.errors import Problem
    from azygos.run.folder import MOST

    if not 1 <= n <= MOST:
        problems.found.append(Problem(f"{n} patients", "--n", f"give 1 to {MOST}"))
    if tables is not None:
        problems.check(lambda: _check_store(tables))


def _check_store(url: str) -> None:
    import fsspec  # type: ignore[import-untyped]  # it has no types

    from azygos.errors import InputError

    try:
        fsspec.core.url_to_fs(url)
    except (ValueError, ImportError) as error:
        from azygos.errors import Problem

        raise InputError(Problem(f"no store at '{url}': {error}", "--tables", "such as s3://bucket/run")) from error


def changed(found: "Cohort", seed: int | None, visits: str | None, names: str | None, *, sham: bool) -> "Cohort":
    """The cohort with what was asked for instead of its own. Raises InputError with all that is wrong."""
    from azygos.instruments.registry import instrument
    from azygos.population.cohort import visits as read_visits
    from azygos.population.eligibility import unseen

    problems = Problems()
    seen = problems.check(lambda: read_visits(visits.split(","), "--visits")) if visits is not None else found.visits
    looks = tuple(dict.fromkeys(names.replace(",", " ").split())) if names is not None else found.looks
    for name in looks:
        problems.check(lambda name=name: instrument(name))  # type: ignore[misc]  # mypy infers no type for a default
    problems.found += unseen(found.eligible, looks, "--with")
    problems.settle()
    return replace(
        found,
        seed=found.seed if seed is None else seed,
        visits=seen or found.visits,
        looks=looks,
        sham=sham or found.sham,
    )


def waveforms_of(texts: list[str]) -> "Waveforms | None":
    """The places that texts such as `ijv_r at 0.5` name. Raises InputError with all that is wrong."""
    from azygos.body.reference import kinds
    from azygos.errors import InputError, Problem, close_matches
    from azygos.instruments.recording import Site
    from azygos.run.waveforms import Waveforms

    problems, sites = [], []
    for text in texts:
        vessel, _, fraction = (part.strip() for part in text.partition(" at "))
        try:
            at = float(fraction or "0.5")
        except ValueError:
            at = -1.0
        where = f"--waveforms '{text}'"
        if vessel not in kinds():
            problems.append(Problem(f"no vessel '{vessel}'", where, close_matches(vessel, kinds())))
        elif not 0.0 <= at <= 1.0:
            problems.append(Problem(f"'{fraction}' is no fraction of a length", where, "write 'ijv_r at 0.5'"))
        else:
            sites.append(Site(vessel=vessel, fraction=at))
    if problems:
        raise InputError(problems)
    return Waveforms(sites=tuple(sites)) if sites else None
