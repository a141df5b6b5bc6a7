"""The course of an opened vein: what grows back, what clots, what is opened again."""

import math

import pytest

import azygos
from azygos.body.body import Body
from azygos.body.lesion import Stenosis
from azygos.errors import InputError
from azygos.therapy.catalogue import stock
from azygos.therapy.complications import Draws, clots, rates
from azygos.therapy.healing import MONTH, Course, curve, curves, published, site_of
from azygos.therapy.procedure import vein_diameter

FOUND = Stenosis(vessel="ijv_r", narrowing=0.8, at=0.5, length=0.02)


def opened(*more: Stenosis) -> Body:
    return Body.reference().with_lesion(FOUND.dilated(0.1), *more)


def stented() -> Body:
    body = Body.reference().with_lesion(FOUND)
    stent = stock().stent("venous_cut_14x60")
    return body.replacing(FOUND, stent.placed(FOUND, vein_diameter(body, FOUND)))


def closing(course: Course) -> float:
    return next(event.day for event in course.events() if event.what != "repeated procedure")


def test_a_law_goes_through_the_points_that_it_has_for_itself() -> None:
    for point in published():
        if sum((p.site, p.device) == (point.site, point.device) for p in published()) <= 2:
            assert curves()[point.site, point.device].at(point.months) == pytest.approx(point.patency, abs=1e-9)


def test_the_time_of_a_share_is_the_inverse_of_the_share_at_a_time() -> None:
    law = curve("jugular", "balloon")
    assert law.at(law.time(0.3)) == pytest.approx(0.3)


def test_every_vein_has_a_law() -> None:
    body = Body.reference()
    for vessel, kind in body.kinds.items():
        for device in ("balloon", "stent"):
            site = site_of(vessel, kind)
            assert (site is None) == (kind == "artery")
            assert site is None or 0.0 < curve(site, device).at(12.0) < 1.0
    sites = [site_of(v, body.kinds[v]) for v in ("ijv_l", "azygos", "brachiocephalic_l", "transverse_sinus_r")]
    assert sites == ["jugular", "azygos", "central", "sinus"]


def test_on_the_day_of_the_procedure_the_body_is_as_it_was_left() -> None:
    for body in (opened(), stented()):
        assert Course(start=body, seed=1).body(0.0).lesions[0].now == pytest.approx(body.lesions[0].now)


def test_a_vein_narrows_from_day_to_day_and_half_its_diameter_is_gone_on_the_day_that_it_closes() -> None:
    course = Course(start=opened(), seed=1)
    day = closing(course)
    narrowings = [course.body(share * day).lesions[0].now_diameter for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert narrowings == sorted(narrowings)
    assert narrowings[-1] == pytest.approx(0.5)
    assert course.is_patent(0, 0.99 * day) and not course.is_patent(0, 1.01 * day)


def test_tissue_in_a_stent_narrows_its_ring() -> None:
    course = Course(start=stented(), seed=3)
    lesion = course.body(closing(course)).lesions[0]
    assert lesion.stent is not None and lesion.now_diameter == pytest.approx(0.5)
    start = course.start.lesions[0]
    assert start.stent is not None
    left = (1.0 - lesion.now_diameter) / (1.0 - start.now_diameter)
    assert lesion.stent.radius == pytest.approx(left * start.stent.radius)


def test_what_nothing_was_done_to_stays_as_it_is() -> None:
    untouched = Stenosis(vessel="azygos", narrowing=0.8, at=0.5, length=0.01)
    course = Course(start=opened(untouched), seed=1)
    assert course.body(1000.0).lesions[1] == untouched
    assert course.is_patent(1, 1000.0)


def test_a_course_is_the_same_again_and_another_of_another_seed() -> None:
    days = [closing(Course(start=opened(), seed=seed)) for seed in (1, 1, 2)]
    assert days[0] == days[1] != days[2]


def test_a_repeated_procedure_opens_what_has_closed_at_the_next_visit() -> None:
    course = next(c for seed in range(50) if 40 < closing(c := Course(start=opened(), seed=seed, repeat=True)) < 200)
    again = next(event for event in course.events() if event.what == "repeated procedure")
    assert again.day / MONTH in course.visits and again.day >= closing(course)
    assert course.body(again.day - 1.0).lesions[0].now_diameter > 0.49
    assert course.body(again.day).lesions[0].now_diameter == pytest.approx(course.start.lesions[0].now_diameter)
    assert not course.is_patent(0, again.day)  # primary patency is lost once


def test_the_clot_of_a_course_is_that_of_the_procedure_with_its_seed() -> None:
    event = "treated-vein thrombosis"
    clotted = [s for s in range(400) if Draws.of(s, ()).events[event] < rates()[event].mean]
    assert clotted
    for seed in clotted:
        course = Course(start=opened(), seed=seed)
        first = course.events()[0]
        assert first.day <= 30.0
        if first.what == "clot":
            assert course.body(first.day + 1e-6).lesions[0].now == pytest.approx(0.95)


def test_without_anticoagulation_there_are_more_clots() -> None:
    def clots(anticoagulation: bool) -> int:
        courses = (Course(start=opened(), seed=s, anticoagulation=anticoagulation) for s in range(800))
        return sum(course.events()[0].what == "clot" for course in courses)

    assert clots(False) > 1.3 * clots(True) > 0


def test_any_day_of_a_course_can_be_solved() -> None:
    course = Course(start=opened(), seed=1)
    day = closing(course)
    early, late = (azygos.simulate(course.body(d)) for d in (0.0, day))
    assert early.outcome.name == late.outcome.name == "ok"
    assert late.mean_flow_ml_min("ijv_r.lesion") < early.mean_flow_ml_min("ijv_r.lesion")


def test_late_recoil_is_small_and_over_in_weeks() -> None:
    course = next(c for s in range(200) if closing(c := Course(start=opened(), seed=s)) > 50_000)
    start, later = (course.body(d).lesions[0].now_diameter for d in (0.0, 60.0))
    was = 1.0 - math.sqrt(0.2)
    assert 0.0 < later - start < 0.06 * was


def test_a_small_vein_that_closes_again_is_as_small_as_it_was_found_and_that_is_no_restenosis() -> None:
    body = Body.reference().with_lesion("ijv_r: hypoplasia 40 % diameter")
    course = Course(start=body.replacing(body.lesions[0], body.lesions[0].dilated(0.6)), seed=1)
    later = course.body(10_000.0).lesions[0]
    assert later.now_diameter == pytest.approx(0.4)
    assert course.events() == () and course.is_patent(0, 10_000.0)


def test_what_a_balloon_left_narrow_was_never_patent() -> None:
    course = Course(start=Body.reference().with_lesion(FOUND.dilated(0.76)), seed=1)  # 51 % of the diameter
    assert not course.is_patent(0, 0.0)
    assert [event for event in course.events() if event.what == "restenosis"] == []


def test_nothing_closes_within_a_month_but_by_a_clot() -> None:
    for (site, device), law in curves().items():
        assert law.at(1.0) == 1.0 > law.at(1.1), (site, device)
    days = {e.what: e.day for s in range(300) for e in Course(start=opened(), seed=s).events()[:1] if e.day < 30.4}
    assert set(days) <= {"clot"}


def test_an_event_is_that_of_its_lesion() -> None:
    mild = Stenosis(vessel="ijv_r", narrowing=0.5, at=0.2, length=0.01)
    course = Course(start=opened(mild), seed=1)
    assert course.events() and all(event.lesion == 0 for event in course.events())


def test_an_artery_stays_as_it_was_left_and_that_is_said() -> None:
    lesion = Stenosis(vessel="subclavian_l", narrowing=0.8, at=0.5, length=0.01, residual=0.1)
    course = Course(start=Body.reference().with_lesion(lesion), seed=1, anticoagulation=False)
    assert course.events() == () and course.body(1000.0).lesions == (lesion,)
    assert "no published curve of arteries" in course.remarks[0]


def test_a_curve_that_stands_for_another_is_named() -> None:
    assert Course(start=opened(), seed=1).remarks == ()
    (remark,) = Course(start=stented(), seed=1).remarks
    assert remark == (
        "right internal jugular vein: no published curve of a stent there; that of iliac stents stands for it"
    )


def test_a_day_that_no_published_curve_reaches_is_named() -> None:
    # balloons in jugular veins: 18 months (Zamboni 2009); of stents those of iliac veins stand for them: 36 months
    assert Course(start=opened(), seed=1).beyond(18.0 * MONTH) == ()
    assert Course(start=stented(), seed=1).beyond(36.0 * MONTH) == ()
    (said,) = Course(start=opened(), seed=1).beyond(24.0 * MONTH)
    assert said.startswith("right internal jugular vein: what was published of a balloon ends at 18 months")
    assert "of a stent ends at 36 months" in Course(start=stented(), seed=1).beyond(60.0 * MONTH)[0]
    assert Course(start=Body.reference()).beyond(1e6) == ()


def test_a_course_ends_with_death() -> None:
    course = Course(start=opened(), seed=1, death=57.0)
    assert course.events()[-1].what == "death of unknown cause" and course.events()[-1].day == 57.0
    assert course.body(57.0)
    with pytest.raises(InputError, match="the patient died on day 57"):
        course.body(58.0)


def test_the_clots_of_a_procedure_are_those_of_its_course() -> None:
    other = Stenosis(vessel="azygos", narrowing=0.8, at=0.5, length=0.01, residual=0.1)
    body = stented().with_lesion(other)
    for seed in range(300):
        drawn = {(clot.lesion, clot.day) for clot in clots(seed, body)}
        seen = {(e.lesion, e.day) for e in Course(start=body, seed=seed).events() if e.what == "clot"}
        assert seen == drawn
