"""What a factor means in a body: the diameter in millimetres, the resistance, the volume."""

from typing import NamedTuple

from azygos.body.blood import blood_volume
from azygos.body.network import ExponentialStore, Network
from azygos.body.parameter import parameters
from azygos.units import litre, minute, mL, mm, mmHg

__all__ = ["Amount", "amount"]

_RESISTANCES = ("csf_outflow_resistance", "csf_formation")  # of one link, or of some side by side


class Amount(NamedTuple):
    """A quantity as people give it."""

    value: float
    unit: str


def amount(network: Network, name: str) -> Amount | None:
    """What the quantity behind a parameter is in a supine network; None where no one number says it.

    A diameter is that of the unloaded lumen, halfway along the vessel.
    """
    known = parameters()[name]
    if name.endswith(".diameter"):
        radius = next(vessel.radius for vessel in network.vessels if vessel.name in known.parts)
        return Amount((radius[0] + radius[1]) / mm, "mm")
    if name in _RESISTANCES:
        conductance = sum(1.0 / link.resistance for link in network.links if link.name in known.parts)
        return Amount(1.0 / conductance / (mmHg * minute / mL), "mmHg min/mL")
    if name == "blood_volume":
        return Amount(blood_volume(network) / litre, "L")
    if name == "cerebral_flow" and network.regulations:
        return Amount(sum(rule.normal_flow for rule in network.regulations) / (mL / minute), "mL/min")
    if name == "intracranial_elastance":
        laws = [store.law for store in network.stores if store.node in known.parts]
        return next((Amount(mL / law.volume_scale, "1/mL") for law in laws if isinstance(law, ExponentialStore)), None)
    return None
