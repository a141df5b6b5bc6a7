"""What must hold of treatment, by mechanism: no rule says which lesion needs what, and nothing is tuned to the numbers.

Bands were written down before the runs that they judge; beside each stands where it comes from.
"""

import itertools

import pytest

import azygos
from azygos.body.body import Body
from azygos.body.lesion import Stenosis
from azygos.engine.solution import Solution
from azygos.therapy import response
from azygos.therapy.catalogue import stock
from azygos.therapy.healing import MONTH, Course, Published, curve, published
from azygos.therapy.procedure import vein_diameter
from azygos.therapy.reading import gradients
from azygos.units import mm, mmHg

pytestmark = pytest.mark.filterwarnings("error")


def solved(body: Body) -> Solution:
    solution = azygos.simulate(body)
    assert solution.outcome.name == "ok", solution.solve.sentence
    return solution


def ballooned(body: Body, size: float = 1.1) -> Body:
    """Every lesion held for a minute by a balloon of `size` times the vein."""
    for lesion in body.lesions:
        vein = vein_diameter(body, lesion)
        body = body.replacing(lesion, response.dilated(lesion, vein, size * vein, seconds=60.0))
    return body


def stented(body: Body) -> Body:
    for lesion in body.lesions:
        vein = vein_diameter(body, lesion)
        kind = body.kinds[lesion.vessel]
        stent = stock().fitting_stent(vein + 1.5 * mm, min(lesion.length + 10 * mm, 60 * mm), kind)
        assert stent is not None
        body = body.replacing(lesion, stent.placed(lesion, vein))
    return body


def gradient(body: Body, solution: Solution) -> float:
    return next(iter(gradients(body, solution).values()))


def intracranial(solution: Solution) -> float:
    return azygos.Measure.parse("icp()")(solution) / mmHg


def flow(body: Body, solution: Solution, vessel: str) -> float:
    return solution.mean_flow_ml_min(body.site(vessel, 0.5).vessel)


def least_area(body: Body, solution: Solution) -> float:
    """In the first lesion [mm2]."""
    piece = body.piece_of(body.lesions[0])
    return min(solution.mean("area", piece, s) for s in solution.keep.stations) / mm**2


# must hold 4: by mechanism


def test_a_web_opens_with_a_balloon_and_stays_open() -> None:
    body = Body.reference().with_lesion("ijv_r: web 90 % area at 0.5, 2 mm")
    after = ballooned(body)
    before, then = gradient(body, solved(body)), gradient(after, solved(after))
    print(f"web: gradient {before:.2f} -> {then:.2f} mmHg, narrowing -> {100 * after.lesions[0].now_diameter:.0f} %")
    assert after.lesions[0].now_diameter < 0.1
    assert then < 0.1 * before


def test_an_extrinsic_compression_recoils_whole_and_needs_a_stent() -> None:
    body = Body.reference().with_lesion("ijv_r: compression 20 mmHg at 0.1, 15 mm")
    after, held = ballooned(body), stented(body)
    areas = [least_area(b, solved(b)) for b in (body, after, held)]
    steps = [gradient(b, solved(b)) for b in (body, after, held)]
    print(f"compression: area {areas} mm2, gradient {steps} mmHg")
    assert after == body
    assert areas[2] > 5.0 * areas[0]
    assert steps[2] < 0.1 * steps[0]


def test_a_hypoplastic_vein_has_no_focal_gradient() -> None:
    """Its pressure falls evenly: no tenth of its length holds more than a fifth of the fall, a web most of it."""

    def steepest(lesion: str) -> float:
        body = Body.reference().with_lesion(lesion)
        solution = azygos.simulate(body)
        at = [i / 10 for i in range(11)]
        head = [solution.mean_pressure_mmhg(*body.site("ijv_r", f)) for f in at]
        falls = [one - other for one, other in itertools.pairwise(head)]
        return max(falls) / sum(falls)

    small, web = steepest("ijv_r: hypoplasia 50 % diameter"), steepest("ijv_r: web 90 % area at 0.55, 2 mm")
    print(f"share of the fall in the steepest tenth: hypoplasia {small:.2f}, web {web:.2f}")
    assert small < 0.2 < 0.6 < web


def test_a_stent_keeps_a_collapsing_vein_open_upright() -> None:
    body = Body.reference().with_lesion("ijv_r: 60 % area at 0.5, 40 mm")
    held = stented(body).with_posture("upright")
    bare = body.with_posture("upright")
    areas = [least_area(b, azygos.simulate(b)) for b in (bare, held)]
    print(f"upright: area bare {areas[0]:.1f}, stented {areas[1]:.1f} mm2")
    assert areas[0] < 15.0  # single digits for a whole vein sitting: 6.5 +- 5.1 mm2, Holmlund 2017
    assert areas[1] > 50.0  # a ring of 9 mm


# must hold 5: through the network


def test_a_severe_jugular_stenosis_with_good_collaterals_raises_intracranial_pressure_little() -> None:
    healthy = Body.reference()
    body = healthy.with_lesion("ijv_r: 90 % area at 0.5, 20 mm")
    before, after = solved(healthy), solved(body)
    rise = intracranial(after) - intracranial(before)
    flows = {v: (flow(healthy, before, v), flow(body, after, v)) for v in ("ijv_r", "ijv_l", "vertebral_vein_r")}
    print(f"90 % jugular stenosis: intracranial pressure {rise:+.2f} mmHg, flows {flows} mL/min")
    # Gadda 2015: one obstruction does not raise sinus pressure; here: less than half the SD of it, 4.2 (Lee 2021)
    assert 0.0 < rise < 2.1
    assert flows["ijv_r"][1] < 0.8 * flows["ijv_r"][0]
    assert flows["ijv_l"][1] > flows["ijv_l"][0] and flows["vertebral_vein_r"][1] > flows["vertebral_vein_r"][0]


@pytest.mark.parametrize("variant", ["hypoplastic_transverse_sinus_l", "absent_transverse_sinus_l"])
def test_a_dominant_sinus_stenosis_has_a_gradient_of_idiopathic_intracranial_hypertension(variant: str) -> None:
    """Treated are gradients of 8 mmHg and more; 18.5 before, 3.2 after a stent on average (PMC4080637, n = 207)."""
    body = Body.reference(variants=[variant]).with_lesion("transverse_sinus_r: 90 % area at 0.8, 15 mm")
    held = stented(body)
    before, after = solved(body), solved(held)
    steps = [gradient(b, s) for b, s in ((body, before), (held, after))]
    pressures = [intracranial(s) for s in (before, after)]
    print(f"{variant}: gradient {steps} mmHg, intracranial pressure {pressures} mmHg")
    assert 8.0 <= steps[0] <= 30.0
    assert steps[1] < 0.3 * steps[0]  # published: 3.2 / 18.5 = 0.17
    assert pressures[1] < pressures[0] - 0.5 * steps[0]


def test_a_milder_stenosis_of_the_sinus_has_less() -> None:
    steps = []
    for share in (50, 70, 80, 90):
        body = Body.reference(variants=["hypoplastic_transverse_sinus_l"])
        body = body.with_lesion(f"transverse_sinus_r: {share} % area at 0.8, 15 mm")
        steps.append(gradient(body, solved(body)))
    print(f"gradients at 50, 70, 80, 90 % of area: {steps} mmHg")
    assert steps == sorted(steps)


def test_several_lesions_of_several_kinds_are_solved_together() -> None:
    body = Body.reference().with_lesion(
        "ijv_r: valve 80 % area at 0.95, 2 mm",
        "ijv_r: compression 15 mmHg at 0.1, 15 mm",
        "ijv_l: hypoplasia 40 % diameter",
        "azygos: web 80 % area at 0.9, 2 mm",
        Stenosis(vessel="brachiocephalic_l", narrowing=0.5, at=0.5, length=0.02, kind="thrombus"),
    )
    solution = solved(body)
    assert solution.solve.volume_error < 1e-12
    assert all(value > 0.0 for value in gradients(body, solution).values())


# must hold 6: over months


@pytest.mark.parametrize("point", published(), ids=lambda p: f"{p.site} {p.device} {p.months:g} months")
def test_patency_over_months_is_as_published(point: Published) -> None:
    """The share of 2 000 courses, clots and all, lies in the interval of the published point."""
    vessel = {"jugular": "ijv_r", "azygos": "azygos", "central": "brachiocephalic_l", "iliac": "common_iliac_vein_l",
              "sinus": "transverse_sinus_r"}[point.site]  # fmt: skip
    body = Body.reference().with_lesion(f"{vessel}: 80 % area at 0.5, 10 mm")
    body = ballooned(body) if point.device == "balloon" else stented(body)
    patent = [Course(start=body, seed=seed).is_patent(0, MONTH * point.months) for seed in range(2000)]
    share, (low, high) = sum(patent) / len(patent), point.interval()
    print(f"{point.site}, {point.device}, {point.months:g} months: {share:.3f}, published {point.patency:.3f} "
          f"({low:.3f} to {high:.3f}, n = {point.of}); {point.source}")  # fmt: skip
    assert low <= share <= high


def test_the_two_year_patency_of_iliac_stents_is_foretold() -> None:
    """84.3 % of 170 at two years (VERNACULAR, ISET 2020), which was not fitted: 78 to 89 % by Clopper and Pearson."""
    assert 0.78 < curve("iliac", "stent").at(24.0) < 0.89
