"""One shape of a vessel's section, for every instrument."""

import numpy as np
import pytest

from azygos.body.body import Body
from azygos.engine.solve import simulate
from azygos.instruments.instrument import Patient
from azygos.instruments.lumen import seen_along
from azygos.instruments.recording import Site
from azygos.instruments.shape import AT_REST, Ellipse, half_axes
from azygos.instruments.ultrasound import Ultrasound
from azygos.instruments.venography import Venography
from azygos.rng import stream
from azygos.units import mm

A0 = 90 * mm**2


def perimeter(long, short):
    """Of an ellipse with these half axes, along a polygon of many sides."""
    turn = np.linspace(0.0, 2.0 * np.pi, 200_001)
    return float(np.sum(np.hypot(np.diff(long * np.cos(turn)), np.diff(short * np.sin(turn)))))


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3, 0.6, 0.9, 0.999])
def test_a_collapsing_vein_keeps_its_area_and_its_perimeter(share):
    long, short = half_axes(share * A0, A0)
    assert np.pi * long * short == pytest.approx(share * A0, rel=1e-12)
    assert perimeter(long, short) == pytest.approx(perimeter(*half_axes(A0, A0)), rel=1e-4)
    assert long > short


@pytest.mark.parametrize("share", [1.0, 1.2, 1.5])
def test_a_full_vein_grows_in_the_shape_it_has_at_rest(share):
    long, short = half_axes(share * A0, A0)
    assert short / long == pytest.approx(AT_REST, rel=1e-12)


def test_the_shape_at_rest_is_that_of_published_diameters_and_areas():
    """Tartiere 2009: 17 +- 5 mm and 181 mm2 on the right, 14 +- 5 mm and 120 mm2 on the left, rounded to 1 mm.

    A / (pi/4 (m^2 + s^2)), with mean and deviation half a millimetre up or down.
    """
    shares = [
        area / (0.25 * np.pi * ((mean + off) ** 2 + (5.0 + off) ** 2))
        for mean, area in ((17.0, 181.0), (14.0, 120.0))
        for off in (0.5, 0.0, -0.5)
    ]
    assert np.mean([shares[1], shares[4]]) == pytest.approx(AT_REST, abs=0.01)
    assert min(shares) < AT_REST < max(shares)


def test_what_does_not_flatten_is_round():
    long, short = half_axes(np.array([A0, 0.2 * A0]), 0.0)
    assert long == pytest.approx(short)
    assert Ellipse.of(A0, 0.0).area == pytest.approx(A0)


@pytest.fixture(scope="module")
def patient():
    body = Body.reference().with_lesion("ijv_r: compression 12 mmHg at 0.5, 20 mm")
    return Patient(body=body, solutions={"supine": simulate(body)})


def test_ultrasound_and_a_venogram_show_the_same_section(patient):
    """The width of the black in B-mode against that of the venogram, where the vein is full and where it is pressed."""
    for place in (0.3, 0.5):
        site = Site(vessel="ijv_r", fraction=place)
        ultrasound = Ultrasound(exact=True, sweeps=False).examine(patient, (site,), stream(1, "u"))
        (picture,) = (picture for picture in ultrasound.pictures if picture.kind == "b_mode")
        lateral = picture.axes["lateral [m]"]
        black = (picture.values < 0.05).any(axis=0) & (lateral < 0.0)  # on the other side lies the artery, too
        venogram = Venography(exact=True, injections=()).examine(patient, (site,), stream(1, "v"))
        width = next(r.value for r in venogram.find("diameter") if r.site == site)
        assert -2.0 * lateral[black].min() == pytest.approx(width, abs=0.8 * mm)  # three pixels: a tip is thin


def test_sinuses_and_arteries_are_round_and_veins_are_not(patient):
    for vessel, is_round in (("transverse_sinus_r", True), ("common_carotid_r", True), ("ijv_l", False)):
        lumen = seen_along(patient, vessel)
        front, side = lumen.width(0.0), lumen.width(0.5 * np.pi)
        assert np.allclose(front, side) is is_round
