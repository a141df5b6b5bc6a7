"""A balloon and its waist against the closed forms that they are said to follow."""

import math

import pytest

from azygos.body.lesion import Stenosis
from azygos.therapy import response
from azygos.therapy.catalogue import atm, stock
from azygos.therapy.device import LESION_STIFFNESS
from azygos.therapy.inflation import Inflation
from azygos.units import mm

VEIN = 12 * mm


def inflation(kind="stenosis", narrowing=0.75, pressure=8 * atm):
    lesion = Stenosis(
        vessel="ijv_r", kind=kind, narrowing=narrowing, at=0.5, length=2 * mm if kind != "stenosis" else 20 * mm
    )
    balloon = stock().balloon("plain_14x40")
    after = response.dilated(lesion, VEIN, balloon.inflated(pressure), seconds=60.0)
    return Inflation(
        balloon=balloon, pressure=pressure, lesion=lesion, after=after, vein=VEIN, share=1.0, seconds=60.0, times=1
    )  # fmt: skip


def test_a_waist_is_where_the_pull_of_the_lesion_meets_the_pressure():
    one = inflation()
    for pressure in (0.0, 0.02 * atm, 0.05 * atm):
        waist = one.waist(pressure)
        assert LESION_STIFFNESS * (waist - 6 * mm) / VEIN == pytest.approx(pressure, abs=1e-9)  # 75 % of area: half


def test_above_the_pressure_that_closes_it_there_is_no_waist():
    one = inflation()
    assert one.waist(1.001 * one.closing) == one.shoulders(1.001 * one.closing)
    assert one.waist(0.99 * one.closing) < one.shoulders(one.pressure)


def test_a_membrane_lets_go_at_its_breaking_strain():
    one = inflation("web")
    assert one.waist(0.999 * one.closing) == pytest.approx(6 * mm * (1.0 + response.LEAFLET_BREAK), rel=1e-3)
    assert one.waist(1.001 * one.closing) == one.shoulders(1.001 * one.closing)


def test_what_is_left_is_what_the_response_says_and_creeps_with_time():
    one = inflation()
    assert one.left(60.0) == pytest.approx(VEIN * (1.0 - one.after.now_diameter), rel=1e-12)
    inflated, kept = one.shoulders(one.pressure), 0.7  # the elastic share of a thickened wall is 0.3
    expected = 6 * mm + kept * (1.0 - math.exp(-3.0 / response.CREEP)) * (inflated - 6 * mm)
    assert one.left(3.0) == pytest.approx(expected, rel=1e-12)
    assert one.left(0.0) == pytest.approx(one.before, rel=1e-12)
