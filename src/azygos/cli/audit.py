"""`azygos audit`: published numbers recomputed, and news reports read for what they say and leave out."""

import json as jsons
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from azygos.cli.exports import Flag, check_exports, sources_file, with_pdf
from azygos.cli.request import Problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from azygos.audit.article import Article
    from azygos.audit.claims import Claims
    from azygos.audit.copies import Copies, Pairing
    from azygos.audit.finding import Finding
    from azygos.report.audit import Audit

__all__ = ["audit"]

COLOURS = {"conflicting": "bold red", "rounding only": "yellow", "consistent": "green", "cannot be checked": "dim"}
SENTENCE = "dim"


def audit(
    claims: Path | None = None,
    /,
    *,
    text: Annotated[list[Path] | None, Parameter(negative=())] = None,
    json: Annotated[bool, Parameter(negative=())] = False,
    out: Path | None = None,
    pdf: Flag = False,
) -> int:
    """Recompute published numbers, or read a news report for its numbers, speakers and omissions.

    A conflict is a result, not a failure: the exit status is 0.

    Parameters
    ----------
    claims
        A file of claims, or the name of one that comes with azygos, such as sir-2012.
    text
        A report as plain text or a saved web page. Given twice or more, they are compared as copies.
    json
        Print one JSON object and nothing else.
    out
        A directory for audit.html and audit.json; made when it is not there.
    pdf
        Write the report as PDF, too, beside it.
    """
    found = _audited(claims, text or [], out, pdf=pdf)
    _tell(found, json, out, pdf=pdf)
    return 0


def _audited(claims: Path | None, texts: list[Path], out: Path | None, *, pdf: bool) -> "Audit":
    """What was asked for. Raises InputError with all that is wrong with it."""
    from azygos.audit.article import read_article
    from azygos.audit.check import check_claims
    from azygos.audit.copies import compared
    from azygos.cli.files import check_directory
    from azygos.exchange.article import read_article_text
    from azygos.exchange.claims import read_claims
    from azygos.report.audit import Audit

    problems = Problems()
    check_exports(out, problems, pdf=pdf)
    if out is not None:
        problems.check(lambda: check_directory(out))
    _check_asked(claims, texts, problems)
    read = problems.check(lambda: read_claims(_shipped(claims))) if claims is not None else None
    pages = [(str(path), problems.check(lambda path=path: read_article_text(path))) for path in texts]  # type: ignore[misc]  # mypy infers no type for a default
    problems.settle()
    articles = tuple(read_article(page, name) for name, page in pages if page is not None)
    return Audit(
        claims=read,
        findings=check_claims(read.claims) if read is not None else (),
        articles=articles,
        copies=tuple(compared(first, second) for first, second in combinations(articles, 2)),
    )


def _check_asked(claims: Path | None, texts: list[Path], problems: Problems) -> None:
    from azygos.errors import Problem

    if claims is None and not texts:
        remedy = "name a file of claims, or a report with --text FILE"
        problems.found.append(Problem("nothing to audit", "azygos audit", remedy))
    for path in dict.fromkeys(path for path in texts if texts.count(path) > 1):
        problems.found.append(Problem("the same file twice", f"--text {path}", "give two different copies"))


def _shipped(claims: Path) -> Path:
    """The file of claims that a name means: itself, or one that comes with azygos. Raises InputError."""
    from azygos.errors import InputError, Problem, close_matches
    from azygos.validate import cases_directory

    if claims.exists() or len(claims.parts) > 1 or claims.suffix:
        return claims
    shipped = {path.stem: path for path in (cases_directory() / "audit").glob("*.yaml")}
    if claims.name in shipped:
        return shipped[claims.name]
    what = f"no file of claims '{claims}' here, and none of this name comes with azygos"
    raise InputError(Problem(what, remedy=close_matches(claims.name, shipped)))


def _tell(audit: "Audit", json: bool, out: Path | None, *, pdf: bool) -> None:
    from azygos.cli.files import write_directory
    from azygos.report.audit import as_json, page
    from azygos.report.sources import of_claims

    found = as_json(audit)
    if json:
        print(jsons.dumps(found | {"out": None if out is None else str(out)}, allow_nan=False, ensure_ascii=False))
    else:
        _show(audit)
    if out is not None:
        plain = jsons.dumps(found, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
        texts = {"audit.html": page(audit), "audit.json": plain}
        texts |= sources_file(of_claims(audit.claims)) if audit.claims else {}
        write_directory(out, with_pdf(texts, pdf=pdf))
        if not json:
            print(f"\nReport: {out / 'audit.html'}")


# ---------------------------------------------------------------------------------------------------------------
# on the terminal


def _show(audit: "Audit") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if audit.claims is not None:
        _show_claims(console, audit.claims, audit.findings)
    for article in audit.articles:
        _show_article(console, article)
    for pair in audit.copies:
        _show_copies(console, pair, {article.name: article for article in audit.articles})


def _show_claims(console: "Console", claims: "Claims", findings: "Sequence[Finding]") -> None:
    from azygos.audit.check import tally

    console.print(_findings(claims.title, findings))
    told = ", ".join(f"{number} {label}" for label, number in tally(findings).items() if number)
    print(f"{told}. That numbers agree does not make them true; that they conflict does not say which is wrong.")


def _findings(title: str, findings: "Iterable[Finding]") -> "Table":
    """A line for every finding; what was recomputed and why stands below what is printed."""
    from rich.text import Text

    rows = []
    for finding in findings:
        verdict = Text(finding.verdict.label, style=COLOURS[finding.verdict.label])
        numbers = finding.stated + (f" → {finding.recomputed}" if finding.recomputed else "")
        said = Text(numbers + "\n" if numbers else "")
        rows.append((verdict, f"{finding.claim}: {finding.what}", said.append(finding.reason, SENTENCE)))
    return _table(title, ("verdict", "claim", "printed → recomputed, and why"), rows)


def _table(title: str, headings: "Sequence[str]", rows: "Iterable[Sequence[object]]") -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left", title_style="bold")
    for place, heading in enumerate(headings):
        table.add_column(Text(heading), no_wrap=place == 0)
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    return table


def _show_article(console: "Console", article: "Article") -> None:
    from rich.text import Text

    from azygos.report.audit import group_of, value_of

    console.print(Text(f"\n{article.name}", style="bold"))
    for read in article.sentences:
        if not (read.numbers or read.cautions or read.strong):
            continue
        said = f"  [{read.speaker.name}: {read.speaker.role}]" if read.speaker else ""
        console.print(Text(f"{read.sentence.number:3} {read.sentence.text}{said}", style=SENTENCE))
        for number in read.numbers:
            whole = number.denominator
            of = f"; of {group_of(whole)} ({whole.how}: {whole.why})" if whole else ""
            console.print(Text(f"      {value_of(number)}  <{number.mention.rule}>{of}"))
        if read.cautions:
            console.print(Text(f"      holds back: {', '.join(read.cautions)}", style="yellow"))
        if read.strong:
            console.print(Text(f"      promises: {', '.join(read.strong)}", style="red"))
    if article.checks:
        console.print(_findings("Numbers that stand together", article.checks))
    told = [
        (Text(one.state, style="red" if one.is_omitted else ""), one.item.name,
         f"sentence {one.sentence}" if one.sentence else "", one.words)
        for one in article.told
    ]  # fmt: skip
    console.print(_table("What a reader needs", ("", "", "where", "by the words"), told))


def _show_copies(console: "Console", pair: "Copies", articles: "dict[str, Article]") -> None:
    from rich.text import Text

    from azygos.audit.copies import THRESHOLD

    told = "copies of one report" if pair.are_copies else "not copies of one report"
    console.print(Text(f"\n{pair.first} and {pair.second}: {told}", style="bold"))
    print(
        f"{100 * pair.containment:.0f} % of the five-word runs of the shorter are in the longer "
        f"(copies from {100 * THRESHOLD:.0f} %); resemblance {100 * pair.resemblance:.0f} %"
    )
    if not pair.are_copies:
        return
    for pairing in pair.pairings:
        if pairing.state != "kept":
            console.print(_changed(pairing, pair, articles))
    rows = [
        (label, "; ".join(gone), "; ".join(new))
        for label, gone, new in (
            ("numbers", pair.dropped.numbers, pair.added.numbers),
            ("who is heard", pair.dropped.speakers, pair.added.speakers),
            ("words that hold back", pair.dropped.cautions, pair.added.cautions),
            ("what a reader needs", pair.dropped.told, pair.added.told),
        )
    ]
    console.print(_table("", ("", "only in the first", "only in the second"), rows))


def _changed(pairing: "Pairing", pair: "Copies", articles: "dict[str, Article]") -> "Text":
    """A sentence that is not the same in both, with what went and came in brackets."""
    from rich.text import Text

    article, number = (pair.first, pairing.first) if pairing.first else (pair.second, pairing.second)
    line = Text(f"{pairing.state:8} {number:3} ")
    if not pairing.pieces:
        words = articles[article].sentences[(number or 1) - 1].sentence.text
        return line.append(words, "red" if pairing.first else "green")
    for piece in pairing.pieces:
        words = {"dropped": f"[-{piece.words}-]", "added": f"{{+{piece.words}+}}"}.get(piece.state, piece.words)
        line.append(f"{words} ", {"dropped": "red", "added": "green"}.get(piece.state, SENTENCE))
    return line
