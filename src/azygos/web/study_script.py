"""Requests of the Study screen as Python that does the same. Texts of the user stay texts: each line is quoted."""

from typing import TypeAlias

from azygos.errors import InputError, Problem
from azygos.web.study import study_file
from azygos.web.study_requests import (
    AnalyseRequest,
    AuditRequest,
    Changes,
    DesignRequest,
    EnrolRequest,
    File,
    TrialRequest,
)
from azygos.web.study_trial import MOST_FITTED, MOST_JUDGED

__all__ = ["study_script"]

Asked: TypeAlias = DesignRequest | EnrolRequest | TrialRequest | AnalyseRequest | AuditRequest


def study_script(request: Asked) -> str:
    """The script."""
    is_simulated = isinstance(request, DesignRequest | EnrolRequest | TrialRequest)
    head = "# Simulated, for research and teaching, not for care." if is_simulated else (
        "# Of your own files, for research and teaching, not for care.")  # fmt: skip
    return "\n".join([head, *_lines(request), ""])


def _lines(request: Asked) -> list[str]:
    match request:
        case TrialRequest():
            return _trial(request)
        case EnrolRequest():
            return _enrol(request)
        case DesignRequest() if request.file is not None and request.changes != Changes():
            what = "a file and changes to it are no script: ask for the design, which gives the file changed"
            raise InputError(Problem(what, "changes"))
        case DesignRequest():
            return [*_study(request), "print(study.design)"]
        case AnalyseRequest():
            return _analyse(request)
        case AuditRequest():
            return _audit(request)


def _study(request: DesignRequest | EnrolRequest | TrialRequest, *imports: str) -> list[str]:
    """The study, by its name or written down whole."""
    if request.file is None and request.changes == Changes():
        names = ["from azygos.exchange.study import named_study", *imports]
        return [*sorted(names), "", f"study = named_study({request.study!r})"]
    names = ["from azygos.exchange.study import read_study", *imports]
    return ["from pathlib import Path", "", *sorted(names), "", *_written("study.yaml", study_file(request)),
            'study = read_study(Path("study.yaml"))']  # fmt: skip


def _written(name: str, file: File) -> list[str]:
    lines = [f"    {line!r}" for line in file.text.splitlines(keepends=True)] or ['    ""']
    return [f'Path("{name}").write_text(', *lines, ")"]


def _enrol(request: EnrolRequest) -> list[str]:
    return [
        *_study(request, "from azygos.study.analysis import analyse", "from azygos.trial.conduct import conduct",
                "from azygos.trial.study import effect"),
        f"dataset = conduct(study, {request.seed}, 0, effect({request.effect!r}, study.model))",
        "found = analyse(study.design, dataset)",
        'print(found.flow, *found.results, sep="\\n")',
    ]  # fmt: skip


def _trial(request: TrialRequest) -> list[str]:
    return [
        *_study(
            request,
            "from azygos.trial.run import asked_of, simulate",
            "from azygos.trial.study import effect",
            "from azygos.trial.verdict import first_of, needs_fits, observed_of, verdict, was_published",
            "from azygos.trial.words import sentences, standing",
        ),
        "primary = next(one for one in study.design.analyses if one.name == asked_of(study)[0][0])",
        "is_slow = needs_fits(study, primary)  # then the browser makes fewer repeats",
        f"repeats = {min(request.repeats, MOST_FITTED)} if is_slow else {request.repeats}",
        f"found = simulate(study, {request.seed}, repeats, effect({request.effect!r}, study.model))",
        "for (analysis, arm), of in found.of.items():",
        "    print(analysis, arm, of.estimate.mean())",
        "",
        "result = observed_of(study) if was_published(study) else first_of(found)",
        f"judged = verdict(study, result, {request.seed}, {MOST_JUDGED} if is_slow else None)",
        'print(standing(judged), *sentences(judged), sep="\\n")',
    ]


def _analyse(request: AnalyseRequest) -> list[str]:
    """The data themselves stay where they are: the script names the files that were given."""
    tables = [file.name for file in request.tables]
    path, note = (tables[0], []) if len(tables) == 1 else (".", [f"# a folder with {', '.join(map(repr, tables))}"])
    is_file = isinstance(request.design, File)
    design = f"read_design({request.design.name!r})" if isinstance(request.design, File) else (
        f"named_study({request.design!r}).design")  # fmt: skip
    dictionary = "" if request.dictionary is None else f", {request.dictionary.name!r}"
    return [
        f"from azygos.exchange.{'design import read_design' if is_file else 'study import named_study'}",
        "from azygos.exchange.study_data import read_study_data",
        "from azygos.study.analysis import analyse",
        "",
        f"design = {design}",
        *note,
        f"found = analyse(design, read_study_data({path!r}, design{dictionary}))",
        'print(found.flow, *found.results, sep="\\n")',
    ]


def _audit(request: AuditRequest) -> list[str]:
    lines = [
        "from azygos.audit.article import read_article",
        "from azygos.audit.check import check_claims",
        "from azygos.audit.copies import compared",
        "from azygos.exchange.article import read_article_text",
        "from azygos.exchange.claims import read_claims",
        "from azygos.validate import cases_directory",
        "",
    ]
    if request.claims is not None:
        shipped = f'cases_directory() / "audit" / {f"{request.claims}.yaml"!r}'
        path = repr(request.claims.name) if isinstance(request.claims, File) else shipped
        lines += [f"for finding in check_claims(read_claims({path}).claims):",
                  "    print(finding.verdict, finding.claim, finding.what, finding.reason)"]  # fmt: skip
    names = [file.name for file in request.texts]
    lines += [f"articles = [read_article(read_article_text(name), name) for name in {names!r}]",
              "for article in articles:", "    print(article.name, article.not_told)"] if names else []  # fmt: skip
    return lines + (["print(compared(*articles[:2]).dropped)"] if len(names) > 1 else [])
