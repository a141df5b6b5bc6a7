"""Reports and claims audited for a browser: every number beside its sentence, what is left out, what a copy dropped."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

from azygos.audit.article import Article, read_article
from azygos.audit.check import check_claims
from azygos.audit.claims import VERIFIED, Claims
from azygos.audit.copies import compared
from azygos.audit.finding import Verdict
from azygos.errors import InputError, Problem, close_matches
from azygos.exchange.article import read_article_text
from azygos.exchange.claims import read_claims
from azygos.report.audit import Audit, as_json, group_of, marked, value_of
from azygos.validate import cases_directory
from azygos.web.study_files import laid_out, spoken
from azygos.web.study_requests import AuditRequest, File

__all__ = ["audited", "examples", "shipped_claims"]

NOTE = (
    "Every number is there by a stated rule. That numbers agree does not make them true; that they conflict does not "
    "say which is wrong. What is told in other words counts as not told."
)


def audited(request: AuditRequest, progress: Callable[[str, float], None]) -> dict[str, Any]:
    """What `azygos audit` says. Raises InputError with every problem of the texts and the claims."""
    progress("reading", 0.2)
    problems: list[Problem] = []
    claims, articles = None, list[Article]()
    try:
        claims = _claims(request.claims)
    except InputError as error:
        problems += error.problems
    for text in request.texts:
        try:
            articles.append(_article(text))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    progress("comparing", 0.6)
    found = Audit(
        claims=claims,
        findings=check_claims(claims.claims) if claims is not None else (),
        articles=tuple(articles),
        copies=tuple(compared(first, second) for first, second in combinations(articles, 2)),
    )
    told = as_json(found)
    for article, plain in zip(found.articles, told.get("texts", []), strict=True):
        _explained(article, plain)
    verdicts = {verdict.label: verdict.sentence for verdict in Verdict}
    return {"about": NOTE, "verdicts": verdicts, "verified": dict(VERIFIED), **told}


def _explained(article: Article, plain: dict[str, Any]) -> None:
    """Adds to each sentence its pieces, and to each number what it was read as and of how many."""
    for read, sentence in zip(article.sentences, plain["sentences"], strict=True):
        sentence["pieces"] = [list(piece) for piece in marked(read)]
        for number, one in zip(read.numbers, sentence["numbers"], strict=True):
            one |= {"read_as": value_of(number), "whole": group_of(number.denominator)}


def _article(text: File) -> Article:
    with laid_out([text], usual=".txt") as (_, (path,)):
        return read_article(read_article_text(path), text.name)


def _claims(asked: File | str | None) -> Claims | None:
    if asked is None:
        return None
    if isinstance(asked, str):
        shipped = shipped_claims()
        if asked not in shipped:
            raise InputError(Problem(f"no file of claims '{asked}'", "claims", close_matches(asked, shipped)))
        path = cases_directory() / "audit" / f"{asked}.yaml"
        try:
            return read_claims(path)
        except InputError as error:
            raise spoken(error, {str(path): asked}) from None
    with laid_out([asked], usual=".yaml") as (_, (path,)):
        return read_claims(path)


def shipped_claims() -> list[str]:
    """The names of the files of claims that ship."""
    return sorted(path.stem for path in (cases_directory() / "audit").glob("*.yaml"))


def examples() -> dict[str, list[dict[str, str]]]:
    """Files to try the screen with: two copies of a report, and two datasets with their designs."""
    cases = cases_directory()
    chosen = {
        "report": [cases / "audit" / name for name in ("evening_report.txt", "morning_copy.txt")],
        "survey": [cases / "studies-data" / "survey" / name for name in ("design.yaml", "answers.csv")],
        "sham": [
            cases / "studies-data" / "sham" / name
            for name in ("design.yaml", "dictionary.yaml", "patients.csv", "events.csv")
        ],
    }
    return {
        name: [{"name": path.name, "text": path.read_text(encoding="utf-8")} for path in paths]
        for name, paths in chosen.items()
    }
