"""What holds of any audit: honest numbers never conflict, and no text or file makes it fall over."""

import math
import statistics

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from azygos.audit.article import read_article
from azygos.audit.check import check_claim
from azygos.audit.claims import Claim, Group, Part, Statistic
from azygos.audit.copies import compared
from azygos.audit.finding import Verdict
from azygos.audit.stated import Estimate, estimate, stated
from azygos.errors import InputError
from azygos.exchange.article import read_article_text
from azygos.exchange.claims import read_claims
from azygos.report.audit import Audit, as_json, page

counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
decimals = st.integers(0, 3)


def conflicts(claim):
    return [finding for finding in check_claim(claim) if finding.verdict is Verdict.CONFLICT]


@given(counts, decimals)
@settings(deadline=None)
def test_a_rounded_percentage_never_conflicts_with_its_count(pair, digits):
    count, n = pair
    percent = Estimate(value=stated(f"{100 * count / n:.{digits}f} %"))
    assert not conflicts(Claim(name="it", count=count, of=n, percent=percent))
    assert not conflicts(Claim(name="it", of=n, percent=percent))


@given(st.lists(st.integers(0, 60), min_size=2, max_size=8).filter(lambda parts: sum(parts) > 0), decimals)
@settings(deadline=None)
def test_rounded_shares_of_a_whole_never_conflict(parts, digits):
    n = sum(parts)
    shares = tuple(
        Part(name=str(i), value=stated(f"{100 * part / n:.{digits}f} %"), is_percent=True)
        for i, part in enumerate(parts)
    )
    assert not conflicts(Claim(name="it", parts=shares, of=n))


@given(st.lists(st.integers(0, 6), min_size=2, max_size=60), st.integers(1, 3))
@settings(deadline=None)
def test_the_mean_and_deviation_of_whole_numbers_never_conflict(values, digits):
    mean, sd = statistics.fmean(values), statistics.stdev(values)
    claim = Claim(
        name="it", mean=estimate(f"{mean:.{digits}f}"), sd=stated(f"{sd:.{digits}f}"), of=len(values), scale=(0.0, 6.0)
    )
    # A printed mean of 0.0 that was 0.04 allows a deviation that a mean of 0 does not.
    assert [f for f in conflicts(claim) if f.what != "sd (range)"] == []


@given(counts, counts, st.integers(1, 3))
@settings(deadline=None)
def test_a_rounded_odds_ratio_by_woolf_never_conflicts(first, second, digits):
    (a, n), (c, m) = first, second
    b, d = n - a, m - c
    if min(a, b, c, d) == 0:
        return
    middle, half = math.log(a * d / (b * c)), 1.959963984540054 * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    text = [f"{math.exp(x):.{digits}f}" for x in (middle, middle - half, middle + half)]
    claim = Claim(
        name="it",
        groups=(Group(name="one", count=a, of=n), Group(name="other", count=c, of=m)),
        odds_ratio=estimate(f"{text[0]} ({text[1]} to {text[2]})"),
        p=stated(f"{stats.chi2_contingency([[a, b], [c, d]], correction=False).pvalue:.3f}"),
        test="chi-squared",
    )
    assert not conflicts(claim)


@given(st.floats(-20, 20), st.integers(1, 200), st.integers(1, 3))
@settings(deadline=None)
def test_the_p_value_of_a_rounded_t_never_conflicts(t, df, digits):
    printed = f"{t:.{digits}f}"
    statistic = Statistic(kind="t", value=stated(printed), df=(float(df),), text=f"t({df}) = {printed}")
    p = f"{2 * stats.t.sf(abs(t), df):.3f}"
    assert not conflicts(Claim(name="it", statistic=statistic, p=stated(p)))


@given(
    st.lists(st.integers(0, 50), min_size=3, max_size=25),
    st.lists(st.integers(0, 50), min_size=3, max_size=25),
)
@settings(max_examples=60, deadline=None)
def test_a_t_test_of_rounded_means_never_conflicts(one, other):
    if len(set(one)) == 1 or len(set(other)) == 1:
        return  # scipy warns of a group that does not vary
    groups = tuple(
        Group(
            name=name,
            mean=stated(f"{statistics.fmean(values):.2f}"),
            sd=stated(f"{statistics.stdev(values):.2f}"),
            of=len(values),
        )
        for name, values in (("one", one), ("other", other))
    )
    p = stats.ttest_ind(one, other, equal_var=False).pvalue
    assert not [f for f in conflicts(Claim(name="it", groups=groups, p=stated(f"{p:.3f}"))) if f.what == "p-value"]


PIECES = st.sampled_from(
    [
        "48",
        "of",
        "the",
        "89",
        "patients",
        "(",
        "55",
        "percent",
        ")",
        "one",
        "in",
        "three",
        "half",
        "-",
        ",",
        ".",
        ";",
        "“",
        "”",
        '"',
        "said",
        "Dr.",
        "Ann",
        "Field",
        "who",
        "led",
        "a",
        "the",
        "odds",
        "ratio",
        "2.64",
        "95%",
        "CI",
        "1.11-6.28",
        "P=.03",
        "t(28)=2.2",
        "no",
        "control",
        "group",
        "\n",
        "\n\n",
        "According",
        "to",
        "twenty-one",
        "hundred",
        "and",
        "1,000",
        "/7",
        "±",
        "<",
        "$",
        "é",
        "中",
        "\u200b",
        "Three-quarters",
        "of",
        "those",
        "with",
        "2012",
        "March",
        "n=9",
    ]
)
texts = st.one_of(st.text(max_size=400), st.lists(PIECES, max_size=80).map(" ".join))


@given(texts, texts)
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_and_compared(first, second):
    articles = (read_article(first, "a"), read_article(second, "b"))
    for article in articles:
        for read in article.sentences:
            for number in read.numbers:
                mention = number.mention
                assert read.sentence.text[mention.start : mention.end] == mention.text
    assert as_json(Audit(articles=articles, copies=(compared(*articles),)))["texts"]


@given(texts)
@settings(max_examples=15, deadline=None)
def test_any_text_makes_a_page(text):
    article = read_article(text, "<a & b>")
    html = page(Audit(articles=(article, article), copies=(compared(article, article),)))
    assert html.startswith("<!doctype html>") and "<a & b>" not in html


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_file_is_a_text_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "report.html"
    path.write_bytes(content)
    try:
        assert read_article_text(path).strip()
    except InputError as refused:
        assert refused.problems


KEYS = st.sampled_from(
    [
        "name",
        "says",
        "count",
        "of",
        "n",
        "percent",
        "against",
        "parts",
        "start",
        "less",
        "left",
        "same_as",
        "mean",
        "sd",
        "se",
        "items",
        "step",
        "scale",
        "continuous",
        "binary",
        "groups",
        "odds_ratio",
        "risk_ratio",
        "hazard_ratio",
        "difference",
        "interval",
        "level",
        "before",
        "after",
        "change",
        "statistic",
        "p",
        "test",
        "method",
        "adjusted",
        "sides",
        "total",
        "verified",
        "note",
        "xyz",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        ["48", "89", "0", "-1", "55 %", "< .05", ".03", "1.2 (0.5 to 3.1)", "1 to 7", "yes", "no", "one", "t(28) = 2.2",
         "z = 1", "F(1, 2) = 3", "nonsense", "", None, "1e400", "999999999999", "wald", "Fisher", "C", "0.00", "100 %"]
    ),
    st.dictionaries(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["5 of 49", "0 of 1", "3 events in 9", "1.0 (2.0), n 9", "40 % of 7", "7", "55 %", "x", None]),
        max_size=3,
    ),
    st.text(max_size=10),
)  # fmt: skip


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=7), max_size=4))
@settings(max_examples=120, deadline=None)
def test_any_file_of_claims_is_audited_or_refused(tmp_path_factory, claims):
    path = tmp_path_factory.mktemp("any") / "claims.yaml"
    path.write_text(yaml.safe_dump({"format": "azygos-claims/1", "claims": claims}), encoding="utf-8")
    try:
        read = read_claims(path)
    except InputError as refused:
        assert refused.problems
        return
    findings = tuple(finding for claim in read.claims for finding in check_claim(claim))
    audit = Audit(claims=read, findings=findings)
    assert len(as_json(audit)["findings"]) >= len(read.claims)
