"""Factors on the reference body: their table, and that each does exactly what it says."""

import math
from dataclasses import replace

import pytest

from azygos.body.blood import blood_volume
from azygos.body.body import Body
from azygos.body.network import Network
from azygos.body.parameter import apply, parameters, problems_with
from azygos.body.wall import ArteryWall, SinusWall, VeinWall
from azygos.errors import InputError

FACTOR = 1.1


@pytest.fixture(scope="module")
def healthy() -> Network:
    return Body.reference().healthy


def changed(before: Network, after: Network) -> set[str]:
    """Names of the vessels, links, stores and regulations that differ."""
    found = set()
    for part in ("vessels", "links", "stores"):
        pairs = zip(getattr(before, part), getattr(after, part), strict=True)
        found |= {old.name for old, new in pairs if old != new}
    rules = zip(before.regulations, after.regulations, strict=True)
    return found | {f"regulation of {old.link}" for old, new in rules if old != new}


def part(network: Network, kind: str, name: str):
    return next(one for one in getattr(network, kind) if one.name == name)


# the table


def test_every_range_lies_evenly_about_the_reference_and_has_a_source():
    for known in parameters().values():
        assert 0 < known.low < 1 < known.high and known.source and known.what, known.name
        assert known.low * known.high == pytest.approx(1.0, rel=1e-3), known.name


def test_every_parameter_acts_on_something_in_the_reference_body(healthy):
    for name in parameters():
        assert apply(healthy, {name: FACTOR}) != healthy, name


def test_every_part_that_the_table_names_is_in_the_reference_body(healthy):
    names = {one.name for kind in ("vessels", "links", "stores") for one in getattr(healthy, kind)} | set(healthy.nodes)
    missing = {(known.name, part) for known in parameters().values() for part in known.parts if part not in names}
    assert not missing


@pytest.mark.parametrize(
    ("name", "mean", "deviation", "power"),
    [
        ("ijv_r.diameter", 17, 5, 1),  # Tartiere 2009
        ("transverse_sinus_l.diameter", 5.37, 1.35, 1),  # J Transl Neurosci 2024;9:15
        ("svc_lower.diameter", 19.0, 3.7, 1),  # Cowie 2015
        ("sss_posterior.diameter", 36.65, 12.38, 0.5),  # an area, J Clin Neurosci 2017;40:190
        ("cerebral_flow", 703, 115, 1),  # WP217
        ("arterial_stiffness", 6.84, 1.65, 2),  # a wave speed, Diaz 2014
    ],
)
def test_a_range_holds_95_per_cent_of_a_lognormal_with_the_publications_spread(name, mean, deviation, power):
    spread = power * math.sqrt(math.log(1 + (deviation / mean) ** 2))
    assert parameters()[name].high == pytest.approx(math.exp(2 * spread), abs=0.006)
    assert parameters()[name].spread == pytest.approx(spread, rel=0.02)


def test_the_range_of_the_outflow_resistance_has_its_90th_percentile_where_malm_found_it():
    spread = parameters()["csf_outflow_resistance"].spread
    assert 8.6 * math.exp(1.2816 * spread) == pytest.approx(17.4, rel=0.01)  # mmHg min/mL, Malm 2011


# what each does


def test_a_factor_of_one_leaves_the_network_as_it_is(healthy):
    assert apply(healthy, dict.fromkeys(parameters(), 1.0)) is healthy


def test_a_diameter_widens_its_vessel_alone_and_keeps_its_wave_speed(healthy):
    wide = apply(healthy, {"ijv_r.diameter": FACTOR})
    old, new = healthy.vessel("ijv_r"), wide.vessel("ijv_r")
    assert changed(healthy, wide) == {"ijv_r"}
    assert new.radius == pytest.approx([FACTOR * r for r in old.radius], rel=1e-15)
    assert isinstance(old.wall, VeinWall) and isinstance(new.wall, VeinWall)
    assert new.wall.wave_speed == old.wall.wave_speed
    assert new.wall.viscosity == pytest.approx(FACTOR * old.wall.viscosity)  # Gamma goes with R at one relaxation time


def test_stiffness_multiplies_the_square_of_the_wave_speed_of_its_kind_of_wall(healthy):
    for name, kind in (("arterial_stiffness", ArteryWall), ("venous_stiffness", VeinWall)):
        stiff = apply(healthy, {name: FACTOR})
        assert changed(healthy, stiff) == {v.name for v in healthy.vessels if isinstance(v.wall, kind)}
        for old, new in zip(healthy.vessels, stiff.vessels, strict=True):
            if isinstance(old.wall, (ArteryWall, VeinWall, SinusWall)):
                ratio = FACTOR if isinstance(old.wall, kind) else 1.0
                assert [c**2 for c in new.wall.wave_speed] == pytest.approx([ratio * c**2 for c in old.wall.wave_speed])
                assert new.radius == old.radius


def test_arterial_resistance_is_that_of_the_arterioles_outside_the_skull(healthy):
    tight = apply(healthy, {"arterial_resistance": FACTOR})
    inside = {s.node for s in healthy.stores if s.around == "skull"}
    outside = {k.name for k in healthy.links if k.name.endswith(".r_arteriole") and k.start not in inside}
    assert changed(healthy, tight) == outside and len(outside) > 20
    name = "radial_r.r_arteriole"
    assert part(tight, "links", name).resistance == pytest.approx(FACTOR * part(healthy, "links", name).resistance)


def test_cerebral_flow_is_demand_and_conductance_of_the_brains_arterioles(healthy):
    more = apply(healthy, {"cerebral_flow": FACTOR})
    inside = {s.node for s in healthy.stores if s.around == "skull"}
    brain = {k.name for k in healthy.links if k.name.endswith(".r_arteriole") and k.start in inside}
    held = {rule.link for rule in healthy.regulations}
    assert held <= brain
    assert changed(healthy, more) == brain | {f"regulation of {link}" for link in held}
    for old, new in zip(healthy.regulations, more.regulations, strict=True):
        assert new == replace(old, normal_flow=FACTOR * old.normal_flow)
    for name in brain:
        assert part(more, "links", name).resistance == pytest.approx(part(healthy, "links", name).resistance / FACTOR)


def test_contractility_is_the_active_elastance_of_both_ventricles(healthy):
    strong = apply(healthy, {"contractility": FACTOR})
    assert changed(healthy, strong) == {"left_ventricle", "right_ventricle"}
    for name in ("left_ventricle", "right_ventricle"):
        old, new = (part(n, "stores", name).law.elastance for n in (healthy, strong))
        assert new == replace(old, active=FACTOR * old.active)


def test_venous_compliance_is_that_of_all_venules(healthy):
    soft = apply(healthy, {"venous_compliance": FACTOR})
    assert changed(healthy, soft) == {s.name for s in healthy.stores if s.name.endswith(".venule")}
    for old, new in zip(healthy.stores, soft.stores, strict=True):
        if old.name.endswith(".venule"):
            assert new.law.elastance == pytest.approx(old.law.elastance / FACTOR)
            assert new.law.unstressed_volume == old.law.unstressed_volume


def test_blood_volume_changes_nothing_but_the_blood(healthy):
    full = apply(healthy, {"blood_volume": FACTOR})
    assert changed(healthy, full) == set()
    assert blood_volume(full) == pytest.approx(FACTOR * blood_volume(healthy), rel=1e-12)


def test_no_other_factor_makes_or_loses_blood(healthy):
    whole = blood_volume(healthy)
    for name in parameters():
        if name != "blood_volume":
            assert blood_volume(apply(healthy, {name: FACTOR})) == pytest.approx(whole, rel=1e-12), name


def test_the_fluids_parameters_are_its_ways_in_and_out_and_the_skulls_exponent(healthy):
    out = apply(healthy, {"csf_outflow_resistance": FACTOR})
    assert changed(healthy, out) == {"csf_absorption"}
    old, new = (part(n, "links", "csf_absorption").resistance for n in (healthy, out))
    assert new == pytest.approx(FACTOR * old)
    formed = apply(healthy, {"csf_formation": FACTOR})
    ways = set(parameters()["csf_formation"].parts)
    assert changed(healthy, formed) == ways
    for name in ways:
        assert part(formed, "links", name).resistance == pytest.approx(part(healthy, "links", name).resistance / FACTOR)
    tight = apply(healthy, {"intracranial_elastance": FACTOR})
    assert changed(healthy, tight) == {"cerebrospinal_fluid"}
    old, new = (part(n, "stores", "cerebrospinal_fluid").law for n in (healthy, tight))
    assert new == replace(old, volume_scale=old.volume_scale / FACTOR)


def test_collaterals_conduct_so_much_more_at_laminar_flow(healthy):
    """Friction goes with 1 / A0^2, so that a conductance f times as large is A0^2 f times as large."""
    wide, ways = apply(healthy, {"collateral_conductance": FACTOR}), set(parameters()["collateral_conductance"].parts)
    assert changed(healthy, wide) == ways
    for name in ways:
        for kind in ("vessels", "links"):
            if any(one.name == name for one in getattr(healthy, kind)):
                old, new = part(healthy, kind, name), part(wide, kind, name)
                if kind == "links":
                    assert new.resistance == pytest.approx(old.resistance / FACTOR)
                else:
                    assert new.radius[0] ** 4 == pytest.approx(FACTOR * old.radius[0] ** 4)


def test_factors_act_one_after_the_other_in_any_order(healthy):
    both = {"ijv_r.diameter": 0.9, "venous_stiffness": 1.2}
    one = apply(healthy, both)
    other = apply(healthy, dict(reversed(both.items())))
    assert one.vessel("ijv_r").radius == other.vessel("ijv_r").radius
    assert one.vessel("ijv_r").wall.viscosity == pytest.approx(other.vessel("ijv_r").wall.viscosity)


# what is refused


def test_unknown_names_and_factors_out_of_range_are_all_said_at_once(healthy):
    with pytest.raises(InputError) as refused:
        apply(
            healthy, {"ijv_rr.diameter": 1.0, "contractility": 40.0, "blood_volume": float("nan"), "cerebral_flow": 1.0}
        )
    said = str(refused.value).splitlines()
    assert len(said) == 3
    assert "did you mean 'ijv_r.diameter'" in said[0]
    assert "40 on 'contractility' is out of range" in said[1] and "0.625 to 1.6" in said[1]
    assert "'blood_volume'" in said[2]


def test_a_factor_on_what_the_network_lacks_is_refused(healthy):
    without = replace(healthy, vessels=tuple(v for v in healthy.vessels if v.name != "ijv_r"))
    with pytest.raises(InputError, match=r"lacks what 'ijv_r\.diameter' acts on"):
        apply(without, {"ijv_r.diameter": 1.0})


def test_names_and_ranges_are_checked_without_a_body():
    assert problems_with({"contractility": 1.2}) == []
    (problem,) = problems_with({"contractilty": 1.2}, "person.yaml:4")
    assert problem.where == "person.yaml:4" and "'contractility'" in problem.remedy
