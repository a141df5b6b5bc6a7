"""The page and the plain object of an audit: every sentence beside its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

from azygos.audit.article import Article, Number, Read
from azygos.audit.check import tally
from azygos.audit.claims import VERIFIED, Claim, Claims
from azygos.audit.copies import THRESHOLD, Copies, Lost, Pairing
from azygos.audit.denominators import Denominator
from azygos.audit.finding import Finding, Verdict
from azygos.audit.speakers import ROLES

__all__ = ["Audit", "as_json", "group_of", "page", "value_of"]

ABOUT: Mapping[str, str] = MappingProxyType({verdict.label: verdict.sentence for verdict in Verdict})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was audited: claims with what was found of them, texts, and the texts that were compared."""

    claims: Claims | None = None
    findings: tuple[Finding, ...] = ()
    articles: tuple[Article, ...] = ()
    copies: tuple[Copies, ...] = ()


def value_of(number: Number) -> str:
    """What a number was read as."""
    mention = number.mention
    sign = {">": "more than ", "<": "less than ", "~": "about "}.get(mention.relation, "")
    if mention.count is not None and mention.of is not None:
        return f"{sign}{mention.count} of {mention.of}"
    if mention.percent is not None:
        of = f" of {mention.of}" if mention.of is not None else ""
        return f"{sign}{mention.percent:.{mention.decimals}f} %{of}"
    for one in (mention.count, mention.of):
        if one is not None:
            return f"{sign}{one:,}"
    if mention.value is None or mention.kind in ("time", "age", "money"):
        return mention.text
    upper = "" if mention.upper is None else f" to {mention.upper:g}"
    return f"{sign}{mention.value:g}{upper}"


def group_of(whole: Denominator | None) -> str:
    """Of how many: the size, or those that could be meant."""
    if whole is None:
        return ""
    sizes = " or ".join(f"{size:,}" for size in whole.sizes)
    return {"stated": sizes, "resolved": sizes, "ambiguous": f"{sizes}?"}.get(whole.how, "?")


# ---------------------------------------------------------------------------------------------------------------
# as plain data


def as_json(audit: Audit) -> dict[str, Any]:
    """One object with plain keys: `findings` of the claims, `texts`, `copies`."""
    found: dict[str, Any] = {}
    if audit.claims is not None:
        claims = {claim.name: claim for claim in audit.claims.claims}
        found |= {
            "file": audit.claims.file,
            "title": audit.claims.title,
            "source": audit.claims.source,
            "note": audit.claims.note,
            "tally": tally(audit.findings),
            "findings": [_finding(finding, _claim_of(finding, claims)) for finding in audit.findings],
        }
    if audit.articles:
        found |= {"texts": [_article(article) for article in audit.articles]}
        found |= {"copies": [_copies(pair) for pair in audit.copies]}
    return found


def _claim_of(finding: Finding, claims: Mapping[str, Claim]) -> Claim | None:
    """The claim of a finding; those of one group are called `claim, group`."""
    name = finding.claim
    while name and name not in claims:
        name = name.rpartition(", ")[0]
    return claims.get(name)


def _finding(finding: Finding, claim: Claim | None = None) -> dict[str, Any]:
    about = {}
    if claim is not None:
        about = {"says": claim.says, "source": claim.source, "verified": claim.verified, "note": claim.note}
    return {
        "claim": finding.claim,
        "what": finding.what,
        "stated": finding.stated,
        "recomputed": finding.recomputed,
        "verdict": finding.verdict.label,
        "reason": finding.reason,
        "method": finding.method,
        "place": finding.place,
    } | about


def _article(article: Article) -> dict[str, Any]:
    return {
        "file": article.name,
        "sentences": [_read(read) for read in article.sentences],
        "told": [
            {"item": told.item.name, "state": told.state, "sentence": told.sentence, "words": told.words,
             "why": told.item.why}
            for told in article.told
        ],
        "omitted": list(article.not_told),
        "checks": [_finding(finding) for finding in article.checks],
    }  # fmt: skip


def _read(read: Read) -> dict[str, Any]:
    speaker = read.speaker
    return {
        "number": read.sentence.number,
        "line": read.sentence.line,
        "text": read.sentence.text,
        "said_by": speaker and {"name": speaker.name, "role": speaker.role, "described": speaker.described,
                                "rule": speaker.how},
        "cautions": list(read.cautions),
        "strong_words": list(read.strong),
        "numbers": [_number(number) for number in read.numbers],
    }  # fmt: skip


def _number(number: Number) -> dict[str, Any]:
    mention, whole = number.mention, number.denominator
    return {
        "text": mention.text,
        "rule": mention.rule,
        "kind": mention.kind,
        "start": mention.start,
        "end": mention.end,
        "count": mention.count,
        "of": mention.of,
        "percent": mention.percent,
        "value": mention.value,
        "upper": mention.upper,
        "hedge": mention.hedge,
        "noun": mention.noun,
        "denominator": whole and {"how": whole.how, "sizes": list(whole.sizes), "why": whole.why},
    }


def _copies(pair: Copies) -> dict[str, Any]:
    return {
        "first": pair.first,
        "second": pair.second,
        "resemblance": pair.resemblance,
        "containment": pair.containment,
        "threshold": THRESHOLD,
        "are_copies": pair.are_copies,
        "dropped": _lost(pair.dropped),
        "added": _lost(pair.added),
        "sentences": [_pairing(pairing) for pairing in pair.pairings],
    }


def _lost(lost: Lost) -> dict[str, list[str]]:
    return {
        "numbers": list(lost.numbers),
        "speakers": list(lost.speakers),
        "cautions": list(lost.cautions),
        "told": list(lost.told),
    }


def _pairing(pairing: Pairing) -> dict[str, Any]:
    return {
        "state": pairing.state,
        "first": pairing.first,
        "second": pairing.second,
        "words": [{"state": piece.state, "words": piece.words} for piece in pairing.pieces],
        "numbers_dropped": list(pairing.numbers_dropped),
        "numbers_added": list(pairing.numbers_added),
        "cautions_dropped": list(pairing.cautions_dropped),
        "hedges_dropped": list(pairing.hedges_dropped),
        "strong_words_added": list(pairing.strong_added),
        "speaker_dropped": pairing.speaker_dropped,
    }


# ---------------------------------------------------------------------------------------------------------------
# as a page


def page(audit: Audit) -> str:
    """The HTML of an audit, which needs nothing beside it."""
    import jinja2

    template = resources.files("azygos.report").joinpath("audit.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.globals |= {"value_of": value_of, "group_of": group_of, "marked": marked}
    claims = audit.claims
    return environment.from_string(template).render(
        audit=audit,
        title=claims.title if claims else ", ".join(article.name for article in audit.articles),
        rows=_rows(claims, audit.findings) if claims else [],
        tally=tally(audit.findings),
        about=ABOUT,
        verified=VERIFIED,
        roles=ROLES,
        texts={article.name: {read.sentence.number: read for read in article.sentences} for article in audit.articles},
        threshold=THRESHOLD,
    )


def _rows(claims: Claims, findings: Sequence[Finding]) -> list[tuple[Claim, list[Finding]]]:
    """Every claim with its findings."""
    by_name = {claim.name: claim for claim in claims.claims}
    rows: dict[str, list[Finding]] = {claim.name: [] for claim in claims.claims}
    for finding in findings:
        claim = _claim_of(finding, by_name)
        if claim is not None:
            rows[claim.name].append(finding)
    return [(by_name[name], found) for name, found in rows.items()]


def marked(read: Read) -> list[tuple[str, str]]:
    """A sentence in pieces: plain words, and numbers with the rule that found them."""
    pieces, at = [], 0
    text = read.sentence.text
    for number in sorted(read.numbers, key=lambda one: one.mention.start):
        start, end = max(number.mention.start, at), number.mention.end
        if start < end:
            pieces += [(text[at:start], ""), (text[start:end], number.mention.rule)]
            at = end
    return [piece for piece in [*pieces, (text[at:], "")] if piece[0]]
