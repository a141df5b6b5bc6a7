"""What holds of any balloon in any lesion: it opens no wider than it is itself, and with more pressure no less."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azygos.body.lesion import KINDS, MEMBRANES, Stenosis
from azygos.therapy import response
from azygos.therapy.catalogue import BalloonModel, atm
from azygos.therapy.inflation import Inflation
from azygos.units import mm, mmHg

ROUNDING = 1e-9  # of a diameter that went through an area and back


@st.composite
def inflations(draw: st.DrawFn) -> Inflation:
    """Of every kind of lesion, by balloons from a third to one and a half times the vein, over all or a part of it."""
    kind = draw(st.sampled_from(KINDS))
    vein = draw(st.floats(3 * mm, 25 * mm))
    nominal, growth = draw(st.floats(2.0, 12.0)) * atm, draw(st.floats(0.0, 0.04)) / atm
    is_pressed = kind == "compression"
    return Inflation(
        balloon=BalloonModel(
            name="own",
            diameter=vein * draw(st.floats(0.3, 1.5)),
            length=40 * mm,
            nominal=nominal,
            rated=40 * atm,
            growth=growth,
        ),
        pressure=draw(st.floats(0.05, 20.0)) * atm,
        lesion=Stenosis(
            vessel="ijv_r",
            kind=kind,
            narrowing=0.0 if is_pressed else draw(st.floats(0.01, 0.999)),
            at=0.5,
            length=draw(st.floats(0.5 * mm, 5 * mm if kind in MEMBRANES else 60 * mm)),
            pressure=draw(st.floats(1.0, 300.0)) * mmHg if is_pressed else 0.0,
        ),
        vein=vein,
        share=draw(st.floats(0.01, 1.0)),
        seconds=draw(st.floats(0.1, 600.0)),
        times=draw(st.integers(1, 5)),
        elastic=draw(st.none() | st.floats(0.0, 1.0)),
        pressed=vein * draw(st.floats(0.1, 0.99)) if is_pressed else None,
    )


@given(inflations())
@settings(deadline=None)
def test_no_lumen_that_was_narrower_than_the_balloon_is_left_wider_than_it(one: Inflation) -> None:
    inflated, left = one.shoulders(one.pressure), one.left(one.seconds)
    assert left <= max(inflated, one.before) * (1.0 + ROUNDING)
    assert left >= one.before * (1.0 - ROUNDING)  # nor does a balloon narrow a vein


@given(inflations())
@settings(deadline=None)
def test_no_lumen_is_left_wider_than_the_waist_was(one: Inflation) -> None:
    assert one.left(one.seconds) <= max(one.held(one.seconds), one.before) * (1.0 + ROUNDING)


@given(inflations(), st.floats(0.01, 0.99))
@settings(deadline=None)
def test_a_balloon_that_does_not_grow_leaves_no_more_with_less_pressure(one: Inflation, share: float) -> None:
    one = replace(one, balloon=replace(one.balloon, growth=0.0))
    less = replace(one, pressure=share * one.pressure)
    assert less.left(one.seconds) <= one.left(one.seconds) * (1.0 + 1e-6)  # of the integral over time


@given(inflations())
@settings(deadline=None)
def test_a_balloon_without_a_waist_leaves_what_one_of_its_diameter_does(one: Inflation) -> None:
    one = replace(one, pressure=one.closing + 0.1 * atm, share=1.0)
    free = response.dilated(
        one.lesion, one.vein, one.shoulders(one.pressure), elastic=one.elastic, seconds=one.seconds, times=one.times
    )
    assert one.after == free or one.after.now == pytest.approx(free.now, rel=1e-12)
