"""1 000 repeats with each instrument give back the errors that it was built from.

Bands are set from the model and the number of repeats n, four standard errors wide: of a mean sigma / sqrt(n), of a
standard deviation sigma / sqrt(2 n), of a share sqrt(p (1 - p) / n). An intraclass correlation is of n people, each
examined twice, ICC(1,1) of a one-way analysis of variance; with errors in proportion to the value it should be

    rho = s^2 / (s^2 + c^2 (m^2 + s^2)),   SE = sqrt(2) (1 - rho^2) / sqrt(n)

for people of mean m and standard deviation s and errors of coefficient of variation c. The sqrt(2) stands for the
errors' and people's tails, which are longer than a normal variate's.
"""

from dataclasses import replace

import numpy as np
import pytest

from azygos.body.body import Body
from azygos.body.lesion import Stenosis
from azygos.engine.keep import Keep
from azygos.engine.solve import simulate
from azygos.instruments.instrument import Patient
from azygos.instruments.manometry import Manometry
from azygos.instruments.mri import AREA_CV, BACKGROUND, FLOW_CV, FLOW_CV_SKULL, Mri
from azygos.instruments.recording import Site
from azygos.instruments.shape import AT_REST
from azygos.instruments.venography import EDGE_ERROR, SCALE_ERROR, Ivus, Venography
from azygos.rng import stream
from azygos.units import minute, mL, mm, mmHg

N = 1000
WIDE = 4.0  # standard errors
JUGULAR, SINUS = Site(vessel="ijv_r"), Site(vessel="sss_posterior")


@pytest.fixture(scope="module")
def patient() -> Patient:
    body = Body.reference()
    keep = Keep(vessels=(JUGULAR.vessel, SINUS.vessel))
    return Patient(body=body, solutions={"supine": simulate(body, keep=keep)})


def scaled(patient: Patient, *, flow: float = 1.0, area: float = 1.0) -> Patient:
    """The same patient with other flows and areas everywhere."""
    solution = patient.solutions["supine"]
    values = solution.values
    other = {"flow": flow * values["flow"], "area": area * values["area"]}
    course = replace(solution.course, values={**values, **other})
    return Patient(body=patient.body, solutions={"supine": replace(solution, course=course)})


def value(instrument, patient, site, quantity, rng):
    return next(instrument.examine(patient, (site,), rng).find(quantity, site.vessel)).value


def repeats(instrument, patient, site, quantity):
    rng = stream(11, type(instrument).__name__, quantity)
    return np.array([value(instrument, patient, site, quantity, rng) for _ in range(N)])


def intraclass_correlation(twice):
    """ICC(1,1) of an array (people, 2): (MSB - MSW) / (MSB + MSW)."""
    between = 2 * np.var(twice.mean(axis=1), ddof=1)
    within = np.mean(np.var(twice, axis=1, ddof=1))
    return (between - within) / (between + within)


def gamma(rng, mean, deviation):
    """Positive values of a mean and standard deviation."""
    shape = (mean / deviation) ** 2
    return rng.gamma(shape, mean / shape, N // 2)


def of_people(patient, site, quantity, wanted):
    """Each of these true values measured twice."""
    true = float(np.mean(patient.at(quantity, site)))
    rng = stream(12, "people", site.vessel, quantity)
    people = [scaled(patient, **{quantity: w / true}) for w in wanted]
    return np.array([[value(Mri(), one, site, quantity, rng) for _ in range(2)] for one in people])


def expected(wanted, cv):
    mean, deviation = np.mean(wanted), np.std(wanted)
    rho = deviation**2 / (deviation**2 + cv**2 * (mean**2 + deviation**2))
    return rho, np.sqrt(2.0) * (1 - rho**2) / np.sqrt(len(wanted))


def check(figure, what, got, want, error):
    figure(f"{what} {want:.4g}: off by", abs(got - want), WIDE * error)
    assert abs(got - want) <= WIDE * error


# ---------------------------------------------------------------------------------------------------------------
# magnetic resonance imaging


def test_mri_flow_scatters_as_assumed_about_what_its_pixels_show(patient, figure):
    flows = repeats(Mri(), patient, JUGULAR, "flow") / (mL / minute)
    area = np.mean(patient.at("area", JUGULAR))
    true = np.mean(patient.at("flow", JUGULAR)) / (mL / minute)
    cv = np.hypot(FLOW_CV, BACKGROUND * area / (true * mL / minute))
    check(figure, "MRI flow CV", np.std(flows) / np.mean(flows), cv, cv / np.sqrt(2 * N))
    quiet = {"flow_cv": 0.0, "background": 0.0, "area_cv": 0.0}
    pixels = np.mean([value(Mri(**quiet), patient, JUGULAR, "flow", stream(i, "x")) for i in range(50)]) / (mL / minute)
    figure(f"MRI flow bias of its pixels, of {true:.0f} mL/min", pixels - true, 0.05 * true)
    check(figure, "MRI flow [mL/min]", np.mean(flows), pixels, cv * true / np.sqrt(N))
    assert abs(pixels - true) < 0.05 * true


def test_mri_flow_in_the_neck_has_the_published_correlation(patient, figure):
    """.97 to .99 (PMC3644311); jugular veins of 362 +- 165 and 229 +- 141 mL/min, right and left (QMRA, WP217)."""
    rng = stream(13, "jugulars")
    wanted = np.concatenate([gamma(rng, 362.0, 165.0), gamma(rng, 229.0, 141.0)])
    rho, error = expected(wanted, FLOW_CV)
    got = intraclass_correlation(of_people(patient, JUGULAR, "flow", wanted * mL / minute))
    check(figure, "MRI jugular flow ICC", got, rho, error)
    assert 0.97 - WIDE * error <= got <= 0.99 + WIDE * error


def test_mri_area_in_the_neck_has_the_published_correlation(patient, figure):
    """.80 to .96 (PMC3644311); areas that differ by 40 % among people: assumed."""
    area = np.mean(patient.at("area", JUGULAR))
    wanted = area * stream(14, "areas").gamma(1 / 0.4**2, 0.4**2, N)
    rho, error = expected(wanted, AREA_CV)
    got = intraclass_correlation(of_people(patient, JUGULAR, "area", wanted))
    check(figure, "MRI jugular area ICC", got, rho, error)
    assert 0.80 - WIDE * error <= got <= 0.96 + WIDE * error


def test_mri_flow_in_the_skull_has_the_published_correlation(patient, figure):
    """.711 (Front Psychol 2023, 1125038); people's flows differ as their inflows to the brain, 703 +- 115 (WP217)."""
    flow = np.mean(patient.at("flow", SINUS))
    spread = 115.0 / 703.0
    wanted = flow * stream(15, "sinuses").gamma(1 / spread**2, spread**2, N)
    _, error = expected(wanted, FLOW_CV_SKULL)
    got = intraclass_correlation(of_people(patient, SINUS, "flow", wanted))
    check(figure, "MRI sinus flow ICC", got, 0.711, error)


# ---------------------------------------------------------------------------------------------------------------
# catheters


def test_manometry_is_unbiased_and_its_gradients_do_not_know_its_zero(patient, figure):
    manometry, rng = Manometry(pull_backs=()), stream(16, "manometry")
    recordings = [manometry.examine(patient, (JUGULAR, SINUS), rng) for _ in range(N)]
    read = np.array([[r.value for r in recording.readings] for recording in recordings]) / mmHg
    true = np.array([np.mean(patient.at("pressure", site)) for site in (JUGULAR, SINUS)]) / mmHg
    sigma = np.hypot(1.0, 0.5)
    check(figure, "manometry bias [mmHg]", np.mean(read[:, 0] - true[0]), 0.0, sigma / np.sqrt(N))
    check(figure, "manometry SD [mmHg]", np.std(read[:, 0]), sigma, sigma / np.sqrt(2 * N))
    gradient, alone = read[:, 1] - read[:, 0], 0.5 * np.sqrt(2.0)
    check(figure, "gradient bias [mmHg]", np.mean(gradient), true[1] - true[0], alone / np.sqrt(N))
    check(figure, "gradient SD [mmHg]", np.std(gradient), alone, alone / np.sqrt(2 * N))


def test_anaesthesia_raises_the_pressure_by_the_published_amount(patient, figure):
    """5.8 +- 1.7 mmHg, Fargen 2017."""
    asleep = repeats(Manometry(anaesthesia=True, pull_backs=()), patient, JUGULAR, "pressure") / mmHg
    rise = asleep - np.mean(patient.at("pressure", JUGULAR)) / mmHg
    sigma = np.sqrt(1.0 + 0.25 + 1.7**2)
    check(figure, "rise under anaesthesia [mmHg]", np.mean(rise), 5.8, sigma / np.sqrt(N))


def test_venography_is_wider_than_the_area_of_ivus_by_as_much_as_published(patient, figure):
    """+3.36 mm (Scalise 2013), in a vein whose largest diameter is 15.5 mm (Tartiere 2009).

    The section at rest alone makes 15.5 (1 - sqrt(0.71)) = 2.44 mm of it.
    """
    wide = scaled(patient, area=np.pi / 4 * AT_REST * (15.5 * mm) ** 2 / np.mean(patient.at("area", JUGULAR)))
    rng = stream(17, "scalise")
    venography, ivus = Venography(injections=()), Ivus()
    bare = replace(venography, enlargement=0.0, scale_error=0.0, edge_error=0.0)
    assert diameter(bare, wide, rng) == pytest.approx(15.5 * mm, rel=1e-3)
    over = []
    for _ in range(N):
        area = next(r for r in ivus.examine(wide, (JUGULAR,), rng).find("area") if r.site == JUGULAR)
        over.append((diameter(venography, wide, rng) - 2 * np.sqrt(area.value / np.pi)) / mm)
    equal = 15.5 * np.sqrt(AT_REST)  # diameter of the circle of this area [mm]
    sigma = np.sqrt((SCALE_ERROR * (equal + 3.36)) ** 2 + (EDGE_ERROR / mm) ** 2 + (0.025 * equal) ** 2)
    check(figure, "venography over IVUS [mm]", np.mean(over), 3.36, sigma / np.sqrt(N))
    check(figure, "its SD [mm]", np.std(over), sigma, sigma / np.sqrt(2 * N))


def diameter(venography, patient, rng):
    return next(r.value for r in venography.examine(patient, (JUGULAR,), rng).find("diameter") if r.site == JUGULAR)


@pytest.mark.parametrize(
    ("instrument", "error"), [(Venography(injections=()), 0.10), (Ivus(), 0.05)], ids=("venography", "ivus")
)
def test_narrowings_scatter_as_assumed(instrument, error, figure):
    """10 points of diameter by venography, 5 of area by IVUS."""
    patient = narrowed(Stenosis(vessel="ijv_r", narrowing=0.75, at=0.5, length=20 * mm))
    true = value(replace(instrument, exact=True), patient, JUGULAR, "narrowing", stream(1, "x"))
    read = repeats(instrument, patient, JUGULAR, "narrowing")
    name = type(instrument).__name__
    check(figure, f"{name}'s narrowing, bias", np.mean(read) - true, 0.0, error / np.sqrt(N))
    check(figure, f"{name}'s narrowing, SD", np.std(read), error, error / np.sqrt(2 * N))


def test_ivus_areas_scatter_as_assumed(patient, figure):
    rng, true = stream(18, "ivus"), np.mean(patient.at("area", JUGULAR))
    areas = np.array(
        [
            next(r.value for r in Ivus().examine(patient, (JUGULAR,), rng).find("area") if r.site == JUGULAR)
            for _ in range(N)
        ]
    )
    check(figure, "IVUS area bias, share", np.mean(areas) / true - 1, 0.0, 0.05 / np.sqrt(N))
    check(figure, "IVUS area CV", np.std(areas) / true, 0.05, 0.05 / np.sqrt(2 * N))


@pytest.mark.parametrize(
    ("instrument", "share"), [(Venography(injections=()), 0.32), (Ivus(), 0.88)], ids=("venography", "ivus")
)
def test_webs_are_seen_as_often_as_said(instrument, share, figure):
    """32 % by venography in one plane (Scalise 2013), 88 % by IVUS (assumed): by the narrowing, not by the remark."""
    patient = narrowed(Stenosis(vessel="ijv_r", narrowing=0.95, at=0.9, length=2 * mm, kind="web"))
    seen = repeats(instrument, patient, JUGULAR, "narrowing") > 0.5
    error = np.sqrt(share * (1 - share) / N)
    check(figure, f"{type(instrument).__name__} sees webs", np.mean(seen), share, error)


def narrowed(lesion: Stenosis) -> Patient:
    body = Body.reference().with_lesion(lesion)
    keep = Keep(vessels=tuple(v.name for v in body.network.vessels if v.name.startswith("ijv_r")))
    return Patient(body=body, solutions={"supine": simulate(body, keep=keep)})
