"""Rules of eligibility over what a look found."""

import pytest

from azygos.body.person import Person
from azygos.errors import InputError
from azygos.instruments.examination import Examination
from azygos.instruments.findings import findings
from azygos.instruments.recording import Reading, Recording, Site
from azygos.population.eligibility import rule, unmet, unseen
from azygos.units import mmHg

PERSON = Person(sex="female", height=1.6, age=40.0)


def reading(vessel, fraction, quantity, unit, value):
    return Reading(site=Site(vessel=vessel, fraction=fraction), quantity=quantity, unit=unit, value=value, error=0.0)


@pytest.fixture
def seen():
    """A pull-back with 10 mmHg across the right transverse sinus, and a venogram with 40 % in a jugular vein."""
    pull_back = Recording(
        instrument="manometry",
        protocol={},
        readings=(
            reading("transverse_sinus_r", 0.1, "pressure", "pressure", 18 * mmHg),
            reading("sigmoid_sinus_r", 0.9, "pressure", "pressure", 8 * mmHg),
        ),
    )
    venogram = Recording(
        instrument="venography", protocol={}, readings=(reading("ijv_r", 0.5, "narrowing", "number", 0.4),)
    )
    both = (pull_back, venogram)
    return Examination(body="", seed=1, is_exact=True, recordings=both, findings=findings(both))


@pytest.mark.parametrize(
    ("text", "is_met"),
    [
        ("gradient(transverse) > 8 mmHg", True),
        ("gradient(transverse_sinus_r) >= 10 mmHg", True),
        ("gradient(transverse_sinus_l) > 1 mmHg", False),  # nothing was recorded there
        ("gradient(transverse) < 20 kPa", True),
        ("narrowing > 50 %", False),
        ("narrowing > 50 % or gradient > 8 mmHg", True),
        ("narrowing(ijv) > 0.3", True),
        ("pressure(sigmoid) <= 8 mmHg", True),
        ("age >= 18 years", True),
        ("age < 40", False),
        ("height > 150 cm", True),
    ],
)
def test_a_rule_is_met_by_what_was_recorded(seen, text, is_met):
    assert rule(text).met(PERSON, seen) is is_met


def test_the_first_rule_that_is_not_met_is_named(seen):
    rules = [rule("age >= 18"), rule("narrowing > 50 %"), rule("narrowing > 60 %")]
    assert unmet(rules, PERSON, seen) == "narrowing > 50 %"
    assert unmet(rules[:1], PERSON, seen) == ""


def test_a_rule_that_no_instrument_can_answer_is_said_beforehand():
    rules = [rule("age > 18"), rule("gradient > 8 mmHg"), rule("gradient > 8 mmHg or narrowing > 50 %")]
    assert not unseen(rules, ["manometry"])
    (problem,) = unseen(rules, ["ivus"])
    assert "nobody can meet 'gradient > 8 mmHg'" in problem.what and "manometry" in problem.remedy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gradiant > 8 mmHg", "did you mean 'gradient'"),
        ("gradient > 8 mm", "'8 mm' is not a pressure"),
        ("narrowing", "no rule of eligibility"),
        ("age(ijv_r) > 18", "is the person's"),
        ("age > old", "no age"),
        ("__import__('os').system('x') > 1", "no rule of eligibility"),
    ],
)
def test_what_is_no_rule_is_said(text, words):
    with pytest.raises(InputError, match=words.replace("(", r"\(").replace(")", r"\)")):
        rule(text, "file.yaml:3")
