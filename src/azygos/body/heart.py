"""The heart in its pericardium, and the lungs."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from azygos.body.network import Channel, CollapsibleStore, ExponentialStore, Network, Store, VaryingStore
from azygos.body.parts import Part, valve
from azygos.body.person import Person
from azygos.body.rows import COMPLIANCE, RESISTANCE, Row, number, table
from azygos.body.waveform import DoubleCosine
from azygos.units import mL, mmHg

__all__ = ["at_rate", "first_pressures", "heart", "lungs", "with_pericardium"]

VENTRICLES = ("left_ventricle", "right_ventricle")

# p = k exp((V - V0) / phi), fluid of 30 mL: Mynard and Smolich 2015, as in the comments of the Trento solver.
PERICARDIUM_SCALE = 0.5 * mmHg
PERICARDIUM_VOLUME = 641 * mL
PERICARDIUM_SOFTNESS = 40 * mL
PERICARDIAL_FLUID = 30 * mL


def heart(person: Person) -> Part:
    """Four chambers of varying elastance inside the pericardium, and four valves; one beat a second."""
    return Part(
        links=tuple(valve(row) for row in table("valves")),
        stores=(*(_chamber(row, person) for row in table("chambers")), _pericardium(person)),
    )


def _chamber(row: Row, person: Person) -> Store:
    stiffness = RESISTANCE / person.volume_ratio
    elastance = DoubleCosine(
        active=number(row, "active_mmHg_mL", stiffness),
        passive=number(row, "passive_mmHg_mL", stiffness),
        onset=number(row, "onset"),
        rise=number(row, "rise"),
        fall=number(row, "fall"),
    )
    law = VaryingStore(elastance=elastance, unstressed_volume=number(row, "unstressed_mL", mL * person.volume_ratio))
    return Store(name=row["name"], node=row["name"], law=law, around="pericardium")


def _pericardium(person: Person) -> Store:
    """What the pericardium holds: its fluid, and what the heart displaces."""
    law = ExponentialStore(
        scale=PERICARDIUM_SCALE,
        volume_scale=PERICARDIUM_SOFTNESS * person.volume_ratio,
        unstressed_volume=PERICARDIUM_VOLUME * person.volume_ratio,
        reference_pressure=PERICARDIUM_SCALE,
    )
    return Store(name="pericardium", node="pericardium", law=law, around="thorax", is_blood=False)


def first_pressures() -> Mapping[str, float]:
    """Pressure [Pa] in the chambers at the end of diastole, for the first guess."""
    return MappingProxyType({row["name"]: number(row, "initial_mmHg", mmHg) for row in table("chambers")})


def at_rate(network: Network, heart_rate: float) -> Network:
    """The network at `heart_rate` [1/s]: the atria's systole shortens with the beat, the ventricles' with its root.

    So Liang et al. 2009 give their timings: of the atria as fractions of a beat, of the ventricles in seconds at
    60 a minute; the root: assumed, after Bazett.
    """
    period = 1.0 / heart_rate
    shorter = (network.period / period) ** 0.5

    def paced(store: Store) -> Store:
        law = store.law
        if (
            store.name not in VENTRICLES
            or not isinstance(law, VaryingStore)
            or not isinstance(law.elastance, DoubleCosine)
        ):
            return store
        wave = replace(law.elastance, rise=law.elastance.rise * shorter, fall=law.elastance.fall * shorter)
        return replace(store, law=replace(law, elastance=wave))

    return replace(network, period=period, stores=tuple(paced(store) for store in network.stores))


def lungs(person: Person) -> Part:
    """The pulmonary circulation as a chain of stores from the pulmonary valve to the left atrium."""
    links = tuple(
        Channel(
            name=f"{row['node']}.out",
            start=row["node"],
            end=row["to"],
            resistance=number(row, "resistance_mmHg_s_mL", RESISTANCE / person.flow_ratio),
            inertance=number(row, "inertance_mmHg_s2_mL", RESISTANCE),
        )
        for row in table("lungs")
    )
    return Part(links=links, stores=tuple(_lung_store(row, person) for row in table("lungs")))


def _lung_store(row: Row, person: Person) -> Store:
    law = CollapsibleStore(
        elastance=1.0 / (person.volume_ratio * number(row, "compliance_mL_mmHg", COMPLIANCE)),
        unstressed_volume=person.volume_ratio * number(row, "unstressed_mL", mL),
    )
    return Store(name=row["node"], node=row["node"], law=law, around="thorax")


def with_pericardium(network: Network) -> Network:
    """`network` with the first pressure in the pericardium that its fluid and the chambers' first volumes make.

    The store at the pericardium counts what swells inside from its first volume on, so that this must be right.
    """
    laws, period = {store.name: store.law for store in network.stores}, network.period
    sac = laws["pericardium"]
    outside = network.initial_head["thorax"]
    resting = {name: law.at_start(period) if isinstance(law, VaryingStore) else law for name, law in laws.items()}
    chambers = [(resting[name], network.initial_head[name] - outside) for name in first_pressures()]

    def filling(pressure: float) -> float:
        """What the sac would hold at its `pressure` [Pa] above the pleural, less what is in it [m3]."""
        inside = sum(law.volume(head - pressure, period) for law, head in chambers)
        return sac.volume(pressure, period) - PERICARDIAL_FLUID - inside

    low, high = 1e-12 * mmHg, 50.0 * mmHg
    for _ in range(60):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if filling(middle) < 0.0 else (low, middle)
    return replace(network, initial_head={**network.initial_head, "pericardium": outside + high})
