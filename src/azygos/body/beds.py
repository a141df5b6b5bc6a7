"""The terminal beds: arteriole, capillary and venule of every territory, and how the brain's drain and regulate."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from azygos.body.network import Autoregulation, Channel, CollapsibleStore, Link, StarlingResistor, Store
from azygos.body.parts import SKULL, Part, joined, outside
from azygos.body.person import Person
from azygos.body.rows import COMPLIANCE, RESISTANCE, Row, number, table
from azygos.units import minute, mL, mmHg

__all__ = ["BRAIN_FLOW", "bed_levels", "beds", "normal_flows"]

# What the brain's beds hold to; with the ophthalmic arteries' share the inflow is 703 mL/min (WP217, n = 263). assumed
BRAIN_FLOW = 655 * mL / minute

# From the mouth of a bridging vein to the fluid: Gadda 2015 has 4.6 mmHg between the cerebral veins (14.1) and the
# fluid (9.5) at its basal flow; about a third of it is lost in the veins here. assumed
BRIDGING_DROP = 3.0 * mmHg

REGULATION_GAIN = 6.0  # 10 % of flow too much narrow the arterioles by half. assumed
REGULATION_TIME = 20.0  # [s], Ursino and Lodi 1997
WIDEST, NARROWEST = 0.4, 2.5  # of the arterioles' normal resistance. assumed


def beds(person: Person) -> Part:
    """Every terminal bed: artery, arteriole, capillary, venule, vein, after Reymond 2009 and Liang 2009."""
    return joined(*(_bed(row, person) for row in table("terminals")), bridging())


def bed_levels(row: Row) -> tuple[str, str, str]:
    """The nodes of a bed, and the names of the stores at them."""
    return f"{row['bed']}.arteriole", f"{row['bed']}.capillary", f"{row['bed']}.venule"


def _bed(row: Row, person: Person) -> Part:
    """One bed, of three stores; the capillary's resistance lies half before and half behind its store.

        artery --r0-- (arteriole) --r1 + r2/2-- (capillary) --r2/2 + r3-- (venule) --r4/share-- each draining vein

    `factor` multiplies r0 to r3. A bed inside the skull has the skull's pressure around its stores.
    """
    bed, around = row["bed"], outside(row)
    arteriole, capillary, venule = bed_levels(row)
    flow, volume = (1.0, 1.0) if around == SKULL else (person.flow_ratio, person.volume_ratio)
    r0, r1, r2, r3 = (x / flow for x in _resistances(row))
    inside = (
        Channel(name=f"{bed}.r_artery", start=row["from"], end=arteriole, resistance=r0),
        Channel(name=f"{bed}.r_arteriole", start=arteriole, end=capillary, resistance=r1 + r2 / 2),
        Channel(name=f"{bed}.r_venule", start=capillary, end=venule, resistance=r2 / 2 + r3),
    )
    r4 = number(row, "r_vein_mmHg_s_mL", RESISTANCE) / flow
    drains = tuple(_drain(bed, venule, way, r4) for way in table("drains") if way["bed"] == bed)
    stores = (
        _store(arteriole, row, "c_arteriole_mL_mmHg", "unstressed_arteriole_mL", volume),
        _store(capillary, row, "c_capillary_mL_mmHg", "unstressed_capillary_mL", volume),
        _store(venule, row, "c_vein_mL_mmHg", "unstressed_vein_mL", volume),
    )
    return Part(links=inside + drains, stores=stores, regulations=_regulation(bed))


def _resistances(row: Row) -> tuple[float, ...]:
    """Of artery, arteriole, capillary and venule [Pa s/m3]."""
    unit = number(row, "factor") * RESISTANCE
    return tuple(number(row, f"r_{x}_mmHg_s_mL", unit) for x in ("artery", "arteriole", "capillary", "venule"))


def _drain(bed: str, venule: str, way: Row, resistance: float) -> Link:
    """A bed's way to a vein; where a bed of the brain drains straight into a sinus, a bridging vein."""
    name, share = f"{bed}.to.{way['to']}", number(way, "share")
    if way["way"] != "bridging":
        return Channel(name=name, start=venule, end=way["to"], resistance=resistance / share)
    flow = normal_flows()[bed] * share
    return StarlingResistor(
        name=name, start=venule, end=way["to"], around=SKULL, resistance=resistance / share + BRIDGING_DROP / flow
    )


def _store(node: str, row: Row, compliance: str, unstressed: str, volume: float) -> Store:
    """A store named like its node."""
    law = CollapsibleStore(
        elastance=1.0 / (volume * number(row, compliance, COMPLIANCE)),
        unstressed_volume=volume * number(row, unstressed, mL),
    )
    return Store(name=node, node=node, law=law, around=outside(row))


@lru_cache
def normal_flows() -> Mapping[str, float]:
    """BRAIN_FLOW divided among the beds inside the skull by their conductances [m3/s]."""
    conductances = {row["bed"]: 1.0 / sum(_resistances(row)) for row in table("terminals") if outside(row) == SKULL}
    whole = sum(conductances.values())
    return {bed: BRAIN_FLOW * conductance / whole for bed, conductance in conductances.items()}


def _regulation(bed: str) -> tuple[Autoregulation, ...]:
    if bed not in normal_flows():
        return ()
    return (
        Autoregulation(
            link=f"{bed}.r_arteriole",
            normal_flow=normal_flows()[bed],
            gain=REGULATION_GAIN,
            time_constant=REGULATION_TIME,
            least=WIDEST,
            most=NARROWEST,
        ),
    )


def bridging() -> Part:
    """The mouths of the cerebral veins, which collapse under the fluid's pressure: all lose BRIDGING_DROP normally."""
    flows = _flows_at_mouths()
    return Part(
        links=tuple(
            StarlingResistor(
                name=row["name"],
                start=row["from"],
                end=row["to"],
                around=SKULL,
                resistance=BRIDGING_DROP / flows[row["from"]],
            )
            for row in table("bridging")
        )
    )


def _flows_at_mouths() -> Mapping[str, float]:
    """Normal flow [m3/s] into every node, of the beds that drain towards it through the cerebral veins."""
    onward = {row["from"]: row["to"] for row in table("veins") if outside(row) == SKULL}
    flows: dict[str, float] = defaultdict(float)
    for way in table("drains"):
        node = way["to"]
        while node in onward:
            node = onward[node]
        flows[node] += normal_flows().get(way["bed"], 0.0) * number(way, "share")
    return flows
