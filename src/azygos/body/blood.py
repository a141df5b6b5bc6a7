"""How much blood a circulation holds, and making it hold more or less."""

from dataclasses import replace

from azygos.body.network import Network, Store
from azygos.body.steady import initial_volumes, pressure_at

__all__ = ["VENULE", "blood_volume", "fluid_node", "small_veins", "with_blood_volume"]

VENULE = ".venule"  # ends the names of the stores that hold most of the blood


def fluid_node(network: Network) -> str | None:
    """Where the fluid is that surrounds the brain."""
    held = {source.node for source in network.pressure_sources}
    return next((s.node for s in network.stores if not s.is_blood and s.around is None and s.node not in held), None)


def small_veins(network: Network) -> tuple[Store, ...]:
    """The stores that take up blood, or give it up: the venules outside the skull."""
    fluid = fluid_node(network)
    return tuple(s for s in network.stores if s.name.endswith(VENULE) and (s.around is None or s.around != fluid))


def blood_volume(network: Network) -> float:
    """Volume of blood in the initial state [m3], which a closed circulation keeps."""
    volumes = initial_volumes(network)
    return sum(volumes.values()) - sum(volumes[store.name] for store in network.stores if not store.is_blood)


def with_blood_volume(network: Network, volume: float) -> Network:
    """`network` with `volume` [m3] of blood in its initial state, by the pressure in its small veins.

    A closed circulation keeps it; where it lies at first does not matter to the periodic state.
    """
    veins = small_veins(network)
    excess = volume - blood_volume(network)
    inside = [_transmural(network, store) for store in veins]
    held = sum(store.law.volume(pressure, network.period) for store, pressure in zip(veins, inside, strict=True))

    def gain(rise: float) -> float:
        return sum(s.law.volume(p + rise, network.period) for s, p in zip(veins, inside, strict=True)) - held

    rise = 0.0
    for _ in range(50):  # Newton's method on a nearly straight line: 1 or 2 rounds
        missing = excess - gain(rise)
        if abs(missing) <= 1e-14 * volume:
            break
        rise += missing / (gain(rise + 1.0) - gain(rise))
    heads = {store.node: network.initial_head.get(store.node, 0.0) + rise for store in veins}
    return replace(network, initial_head={**network.initial_head, **heads})


def _transmural(network: Network, store: Store) -> float:
    outside = 0.0 if store.around is None else network.initial_head.get(store.around, 0.0)
    return pressure_at(network, network.initial_head, store.node) - outside
