"""The reference adult: one closed loop of arteries, beds, veins, sinuses, heart, lungs and skull, from the tables."""

from dataclasses import replace
from functools import lru_cache

from azygos.body.beds import beds
from azygos.body.blood import with_blood_volume
from azygos.body.heart import at_rate, first_pressures, heart, lungs, with_pericardium
from azygos.body.network import Network, PressureSource
from azygos.body.parts import ARTERIAL_PRESSURE, OUTSIDE, SKULL, Part, arteries, joined, passages, veins
from azygos.body.person import REFERENCE, Person
from azygos.body.rows import kinds, places, table
from azygos.body.skull import skull
from azygos.body.steady import steady
from azygos.body.variant import varied
from azygos.body.waveform import Constant
from azygos.units import litre, minute

__all__ = ["CARDIAC_OUTPUT", "HEART_RATE", "kinds", "places", "reference_network", "table"]

HEART_RATE = 75 / minute  # at rest. assumed
CARDIAC_OUTPUT = 5.5 * litre / minute  # of the first guess only; the heart then decides. assumed


def surroundings() -> Part:
    """The pleural and abdominal pressures, which are given."""
    given = ("thorax", "abdomen")
    return Part(pressure_sources=tuple(PressureSource(node=n, pressure=Constant(OUTSIDE[n])) for n in given))


@lru_cache(maxsize=64)
def reference_network(person: Person = REFERENCE, variants: tuple[str, ...] = ()) -> Network:
    """A healthy person's circulation, lying, near its resting state, with the blood a person of that size has."""
    whole = joined(
        arteries(person), veins(person), passages(person), beds(person), heart(person), lungs(person), skull(),
        surroundings(),
    )  # fmt: skip
    empty = Network(
        name="reference adult",
        vessels=whole.vessels,
        links=whole.links,
        stores=whole.stores,
        regulations=whole.regulations,
        pressure_sources=whole.pressure_sources,
    )
    beating = varied(at_rate(empty, HEART_RATE), variants)
    started = with_pericardium(replace(beating, initial_head=_first_heads(beating, person)))
    return with_blood_volume(started, person.blood_volume)


def _first_heads(network: Network, person: Person) -> dict[str, float]:
    """Heads at the end of diastole, near those of the periodic state: mean flow through the resistances."""
    arterial = {
        node: ARTERIAL_PRESSURE for v in network.vessels if kinds()[v.name] == "artery" for node in (v.start, v.end)
    }
    guess = {**arterial, **OUTSIDE}
    output = CARDIAC_OUTPUT * person.flow_ratio
    inflow = {"aortic_root": output, "pulmonary_root": output}
    held = {**first_pressures(), **OUTSIDE}
    assert SKULL in held
    return dict(steady(replace(network, initial_head=guess), inflow=inflow, held=held).head)
