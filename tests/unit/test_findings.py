"""The rules on recordings made by hand: what fires, what does not, and how sure it is."""

import math
from dataclasses import replace

import pytest

from azygos.instruments.findings import CRITERIA, findings
from azygos.instruments.recording import Reading, Recording, Site
from azygos.units import cm, mm, mmHg

J2 = Site(vessel="ijv_r", fraction=0.5)
UNITS = {"reflux_time": "time", "area": "area", "peak_velocity": "speed", "pressure": "pressure", "narrowing": "number"}


def reading(quantity, value, *, site=J2, posture="supine", error=0.0):
    return Reading(site=site, quantity=quantity, unit=UNITS[quantity], value=value, error=error, posture=posture)


def of(instrument, *readings, protocol=None):
    return findings([Recording(instrument=instrument, protocol=protocol or {}, readings=readings)])


def named(found, rule):
    return [one for one in found if one.rule.name == rule]


@pytest.mark.parametrize(("lying", "sitting", "fires"), [(1.0, 1.0, True), (1.0, 0.5, False), (0.88, 2.0, False)])
def test_reflux_counts_when_it_lasts_longer_than_0_88_s_lying_and_sitting(lying, sitting, fires):
    found = of("ultrasound", reading("reflux_time", lying), reading("reflux_time", sitting, posture="upright"))
    (one,) = named(found, "criterion 1")
    assert one.fired is fires
    assert one.certainty == float(fires)
    assert one.value == min(lying, sitting)


def test_the_first_criterion_is_not_judged_in_one_posture_alone_and_the_total_says_so():
    found = of("ultrasound", reading("reflux_time", 3.0), reading("area", 20 * mm**2))
    assert not named(found, "criterion 1")
    (total,) = named(found, "criteria, total")
    assert total.value == 1
    assert "not assessed: 1, 2, 4, 5" in total.measure


def test_reflux_of_a_deep_cerebral_vein_counts_from_half_a_second():
    for seconds, fires in ((0.4, False), (0.6, True)):
        deep = Site(vessel="internal_cerebral_vein_l")
        (one,) = named(of("ultrasound", reading("reflux_time", seconds, site=deep)), "criterion 2")
        assert one.fired is fires
        assert one.site == deep


def test_the_smallest_landmark_decides_on_the_jugular_section():
    areas = {0.1: 80, 0.5: 30, 0.9: 100}  # [mm2]; 0.3 cm2 itself counts (PMC3061048)
    sites = [reading("area", a * mm**2, site=Site(vessel="ijv_l", fraction=f)) for f, a in areas.items()]
    found = of("ultrasound", *sites)
    (one,) = named(found, "criterion 3")
    assert one.fired and one.site == Site(vessel="ijv_l", fraction=0.5)
    (local,) = named(found, "local narrowing")
    assert local.value == pytest.approx(0.7) and local.fired


def test_a_small_section_sitting_is_no_stenosis():
    assert not named(of("ultrasound", reading("area", 5 * mm**2, posture="upright")), "criterion 3")


@pytest.mark.parametrize(("lying", "sitting", "fires"), [(0.0, 0.0, True), (0.0, 0.2, False), (-0.3, 0.0, False)])
def test_a_vein_is_silent_when_nothing_is_heard_in_either_posture(lying, sitting, fires):
    found = of("ultrasound", reading("peak_velocity", lying), reading("peak_velocity", sitting, posture="upright"))
    assert named(found, "criterion 4")[0].fired is fires


@pytest.mark.parametrize(("lying", "sitting", "fires"), [(90, 8, False), (20, 25, True), (20, 20, False)])
def test_a_section_larger_sitting_than_lying_is_reverted(lying, sitting, fires):
    found = of("ultrasound", reading("area", lying * mm**2), reading("area", sitting * mm**2, posture="upright"))
    (one,) = named(found, "criterion 5")
    assert one.fired is fires
    assert one.value == pytest.approx((lying - sitting) * mm**2, abs=1e-15)


def test_two_criteria_make_a_positive_patient_and_one_does_not():
    one = of("ultrasound", reading("area", 20 * mm**2), reading("area", 10 * mm**2, posture="upright"))
    two = of("ultrasound", reading("area", 20 * mm**2), reading("area", 25 * mm**2, posture="upright"))
    totals = [named(found, "criteria, total")[0] for found in (one, two)]
    assert [(total.value, total.fired, total.certainty) for total in totals] == [(1, False, 0.0), (2, True, 1.0)]
    assert totals[1].site is None


def test_certainty_and_interval_follow_from_the_error_of_the_reading():
    (one,) = named(of("ultrasound", reading("area", 36 * mm**2, error=6 * mm**2)), "criterion 3")
    assert not one.fired
    # One standard deviation away from the threshold: the upper tail of the normal distribution, 0.158655.
    assert one.certainty == pytest.approx(0.158655, abs=1e-6)
    assert one.interval == pytest.approx((24.24 * mm**2, 47.76 * mm**2), rel=1e-3)


def test_the_certainty_of_the_total_is_that_of_two_independent_criteria():
    # Section 30 mm2 lying (criterion 3: 1/2) and as large sitting (criterion 5: 1/2): both fire in a quarter.
    error = 3 * mm**2
    found = of(
        "ultrasound",
        reading("area", 30 * mm**2, error=error),
        reading("area", 30 * mm**2, posture="upright", error=error),
    )
    assert named(found, "criteria, total")[0].certainty == pytest.approx(0.25)


@pytest.mark.parametrize("instrument", ["venography", "ivus"])
def test_more_than_half_is_a_narrowing(instrument):
    for share, fires in ((0.45, False), (0.5, False), (0.55, True)):
        (one,) = of(instrument, reading("narrowing", share, error=0.1))
        assert one.fired is fires
        assert ("diameter" if instrument == "venography" else "area") in one.measure
    assert one.certainty == pytest.approx(0.5 * math.erfc(-0.5 / math.sqrt(2.0)))


def sinuses(gradient, sagittal):
    above = reading("pressure", sagittal, site=Site(vessel="transverse_sinus_r", fraction=0.1), error=1.1 * mmHg)
    below = reading("pressure", sagittal - gradient, site=Site(vessel="sigmoid_sinus_r", fraction=0.9), error=mmHg)
    return above, below, reading("pressure", sagittal, site=Site(vessel="sss_posterior"), error=1.1 * mmHg)


@pytest.mark.parametrize(
    ("gradient", "sagittal", "fired"),
    [(8.5, 20, {8, 6, 4}), (6.5, 20, {6, 4}), (6.5, 12, {4}), (4.5, 20, {4}), (3.0, 20, set())],
)
def test_gradients_of_the_sinuses_meet_three_thresholds(gradient, sagittal, fired):
    found = of("manometry", *sinuses(gradient * mmHg, sagittal * mmHg))
    rules = {"IIH gradient": 8, "IIH gradient and pressure": 6, "IIH gradient, low": 4}
    assert {rules[one.rule.name] for one in found if one.fired} == fired


def test_the_zero_that_readings_share_does_not_widen_a_gradient():
    alone = of("manometry", *sinuses(5 * mmHg, 20 * mmHg))[0]
    shared = of("manometry", *sinuses(5 * mmHg, 20 * mmHg), protocol={"reading error [Pa]": 0.5 * mmHg})[0]
    assert shared.interval[1] - shared.interval[0] == pytest.approx(2 * 1.96 * math.hypot(0.5, 0.5) * mmHg, rel=1e-4)
    assert shared.interval[1] - shared.interval[0] < alone.interval[1] - alone.interval[0]


def test_a_jugular_vein_well_above_the_vein_it_enters_has_a_gradient():
    def seen(fall):
        below = Site(vessel="brachiocephalic_r")
        return of("manometry", reading("pressure", 9 * mmHg), reading("pressure", (9 - fall) * mmHg, site=below))

    assert [named(seen(fall), "CCSVI gradient")[0].fired for fall in (1.0, 3.0)] == [False, True]


def test_fast_flow_is_told_beside_the_five_criteria():
    found = of("ultrasound", reading("peak_velocity", -95 * cm))
    assert named(found, "accelerated flow")[0].fired
    assert "accelerated flow" not in [rule.name for rule in CRITERIA]


def test_a_finding_says_what_is_remarked_of_the_readings_it_rests_on():
    doubt = "choked there, not to be trusted"
    fast = replace(reading("peak_velocity", 130 * cm, posture="upright"), remark=doubt)
    found = of("ultrasound", fast, reading("peak_velocity", 20 * cm), reading("area", 20 * mm**2))
    assert {one.rule.name: one.remark for one in found if one.fired} == {"accelerated flow": doubt, "criterion 3": ""}
    above, below, sagittal = sinuses(8.5 * mmHg, 20 * mmHg)
    found = of("manometry", above, replace(below, remark=doubt), sagittal)
    assert len(found) == 3 and all(one.remark == doubt for one in found)


def test_an_instrument_without_a_rule_has_no_findings():
    assert of("mri", reading("area", 1 * mm**2)) == ()


def test_every_rule_names_its_source():
    everything = [
        *of("ultrasound", reading("area", mm**2), reading("area", mm**2, posture="upright")),
        *of("manometry", *sinuses(5 * mmHg, 20 * mmHg)),
    ]
    assert all(one.rule.source for one in everything)
    assert all(str(one) for one in everything)
