"""Files of claims: what they may say, and how everything wrong with one is told."""

from textwrap import dedent

import pytest

from azygos.audit.check import check_claims
from azygos.audit.finding import Verdict
from azygos.errors import InputError
from azygos.exchange.claims import read_claims


def written(tmp_path, text):
    path = tmp_path / "claims.yaml"
    path.write_text("format: azygos-claims/1\n" + dedent(text), encoding="utf-8")
    return path


def problems(tmp_path, text):
    with pytest.raises(InputError) as refused:
        read_claims(written(tmp_path, text))
    return [str(problem).partition("claims.yaml:")[2] for problem in refused.value.problems]


def test_a_claim_is_read_as_it_is_printed(tmp_path):
    (claim,) = read_claims(
        written(
            tmp_path,
            """
            title: a title
            source: a page
            claims:
              - name: free of lesions
                says: 58 of 70 against 22 of 33
                verified: C
                groups: {balloon: 58 of 70 (83 %), sham: 22/33}
                odds ratio: 2.64 (95 % CI 1.11 to 6.28)
                p: P = .03
                adjusted: yes
            """,
        )
    ).claims
    assert [(g.name, g.count, g.of) for g in claim.groups] == [("balloon", 58, 70), ("sham", 22, 33)]
    assert claim.groups[0].percent.value == 83 and claim.odds_ratio.upper.value == 6.28
    assert claim.p.decimals == 2 and claim.is_adjusted and claim.source == "a page" and claim.place.endswith(":6")


@pytest.mark.parametrize(
    "group",
    ["5 of 49", "5/49", "5 of the 49", "{count: 5, of: 49}", "{count: 5, n: 49}", '"5 of 49 (10 %)"'],
)
def test_a_group_may_be_written_in_several_ways(tmp_path, group):
    text = f"claims:\n  - groups: {{a: {group}, b: 1 of 55}}\n    p: .097\n"
    (claim,) = read_claims(written(tmp_path, text)).claims
    assert (claim.groups[0].count, claim.groups[0].of) == (5, 49)


def test_a_group_may_be_a_mean(tmp_path):
    text = 'claims:\n  - groups: {a: "1.40 (4.21), n 70", b: 1.95 ± 3.73 n = 33}\n'
    (claim,) = read_claims(written(tmp_path, text)).claims
    assert [(g.mean.value, g.sd.value, g.of) for g in claim.groups] == [(1.40, 4.21, 70), (1.95, 3.73, 33)]


def test_an_interval_may_stand_apart_from_its_estimate(tmp_path):
    text = "claims:\n  - hazard ratio: 0.75\n    interval: [0.60, 0.95]\n    level: 90 %\n"
    (claim,) = read_claims(written(tmp_path, text)).claims
    assert (claim.hazard_ratio.lower.value, claim.hazard_ratio.level) == (0.60, 0.90)


def test_everything_wrong_with_a_file_is_said_at_once_with_its_line(tmp_path):
    told = problems(
        tmp_path,
        """
        claims:
          - name: a
            coun: 48
            percent: abc
          - name: a
            statistic: t = 3
            p: 1.4
          - groups: {x: five of six}
            odds ratio: 2 (3 to 1)
          - same as: b
            n: -3
          - 17
          - of: 3
            n: 4
        """,
    )
    expected = [
        ("5:", "unknown key 'coun'; did you mean 'count'?"),
        ("6:", "'abc' is no number"),
        ("7:", "two claims 'a'"),
        ("8:", "degrees of freedom"),
        ("9:", "no p-value"),
        ("10:", "group 'x'"),
        ("11:", "runs backwards"),
        ("12:", "no other claim 'b'"),
        ("13:", "'-3'"),
        ("14:", "a claim is a mapping"),
        ("16:", "they mean the same"),
    ]
    assert "nothing was audited yet" in told.pop()
    assert len(told) == len(expected)
    for (line, words), one in zip(expected, told, strict=True):
        assert one.startswith(line) and words in one


@pytest.mark.parametrize("text", ["", "claims: []", "claims: 3", "claims:\n  - {}\nclaims:\n  - {}", "title: x"])
def test_a_file_without_claims_is_refused(tmp_path, text):
    assert problems(tmp_path, text)


def test_an_interval_of_several_estimates_is_refused(tmp_path):
    told = problems(tmp_path, "claims:\n  - odds ratio: 2\n    risk ratio: 1.5\n    interval: 1 to 3\n")
    assert "an interval and 2 estimates" in told[0]


def test_findings_name_the_line_of_their_claim(tmp_path):
    claims = read_claims(written(tmp_path, "claims:\n  - count: 48\n    of: 89\n    percent: 55 %\n"))
    (finding,) = check_claims(claims.claims)
    assert finding.verdict is Verdict.CONFLICT and finding.place.endswith("claims.yaml:3")
