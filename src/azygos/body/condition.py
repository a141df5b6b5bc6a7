"""What a body is put through: posture, breathing, a strain or a cough, pressure from outside, heart rate, blood."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from azygos.body.blood import blood_volume, with_blood_volume
from azygos.body.heart import at_rate
from azygos.body.network import Network, PressureSource, Store, VaryingStore
from azygos.body.person import not_numbers
from azygos.body.posture import tilt
from azygos.body.waveform import DoubleCosine, Pulse, Swing, Waveform
from azygos.errors import InputError, Problem, close_matches
from azygos.units import litre, minute, mmHg

__all__ = ["POSTURES", "Breathing", "Conditions", "Strain", "cough", "degrees_of", "valsalva"]

POSTURES: Mapping[str, float] = MappingProxyType({"supine": 0.0, "upright": 90.0})  # [degrees], head up

_START = np.zeros(1)

HEART_RATES = (30 / minute, 200 / minute)  # [1/s]; the chambers' timing is unknown beyond them. assumed
BLOOD = (0.75, 1.5)  # of the body's own; without reflexes it lives with no less. assumed
STRONGEST = 300 * mmHg  # of any pressure from outside. assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Breathing:
    """Quiet breathing; inspiration lowers the pressure in the chest and raises that in the belly."""

    rate: float = 15 / minute  # [1/s]. assumed
    pleural_swing: float = -2.0 * mmHg  # from the end of expiration to that of inspiration. assumed
    abdominal_swing: float = 1.0 * mmHg  # assumed
    inspiration: float = 0.4  # fraction of a breath. assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Strain:
    """A push that raises the pressures in chest and belly once."""

    pressure: float  # [Pa] above rest
    begin: float  # [s]
    rise: float  # [s]
    hold: float  # [s]
    fall: float  # [s]


def valsalva(pressure: float = 40 * mmHg, begin: float = 2.0, hold: float = 15.0) -> Strain:
    """The usual test: 40 mmHg at the mouth for 15 s."""
    return Strain(pressure=pressure, begin=begin, rise=0.5, hold=hold, fall=0.5)


def cough(pressure: float = 80 * mmHg, begin: float = 2.0) -> Strain:
    """A single cough; its form is assumed."""
    return Strain(pressure=pressure, begin=begin, rise=0.1, hold=0.1, fall=0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a body is put through. None is as at rest."""

    posture_degrees: float = 0.0
    heart_rate: float | None = None  # [1/s]
    blood_volume: float | None = None  # [m3]
    breathing: Breathing | None = None
    strain: Strain | None = None
    external_pressure: Mapping[str, float] = field(default_factory=dict)  # vessel -> [Pa] above what is there already

    def problems(self, healthy: Network) -> list[Problem]:
        """What is wrong with them for a body whose circulation, lying at rest, is `healthy`."""
        return [*self._wrong_types(), *(self._wrong_sizes(healthy) if not self._wrong_types() else ())]

    def _wrong_types(self) -> list[Problem]:
        numbers: dict[str, object] = {"posture": self.posture_degrees}
        numbers |= {
            n: v for n, v in (("heart rate", self.heart_rate), ("blood volume", self.blood_volume)) if v is not None
        }
        found = not_numbers(numbers, "in Python 75 / minute, 5 * litre, 45")
        for name, value, wanted in (("breathing", self.breathing, Breathing), ("strain", self.strain, Strain)):
            if value is not None and not isinstance(value, wanted):
                remedy = "azygos.Breathing()" if wanted is Breathing else "azygos.valsalva() or azygos.cough()"
                found.append(Problem(f"got {value!r}", name, f"give {remedy}"))
        if not isinstance(self.external_pressure, Mapping):
            remedy = "give a mapping from vessel to pressure, such as {'ijv_r': 20 * mmHg}"
            return [*found, Problem(f"got {self.external_pressure!r}", "external pressure", remedy)]
        pressures = {f"external pressure on '{name}'": value for name, value in self.external_pressure.items()}
        return found + not_numbers(pressures, "in Python 20 * mmHg")

    def _wrong_sizes(self, healthy: Network) -> list[Problem]:
        found = []
        if not 0.0 <= self.posture_degrees <= 90.0:
            what = f"a posture of {self.posture_degrees:g} degrees is not between 0 and 90"
            found.append(Problem(what, "posture"))
        if self.heart_rate is not None and not HEART_RATES[0] <= self.heart_rate <= HEART_RATES[1]:
            what = f"a heart rate of {self.heart_rate * minute:g} a minute"
            found.append(Problem(what, "heart rate", "give 30 to 200 a minute; is its unit right?"))
        if self.blood_volume is not None:
            found += _wrong_blood(self.blood_volume, blood_volume(healthy))
        if self.breathing is not None and not 0.0 < self.breathing.rate <= 1.0:
            what = f"{self.breathing.rate * minute:g} breaths a minute"
            found.append(Problem(what, "breathing", "give up to 60 a minute"))
        vessels = [vessel.name for vessel in healthy.vessels]
        for name, pressure in self.external_pressure.items():
            if name not in vessels:
                found.append(Problem(f"no vessel '{name}'", "external pressure", close_matches(name, vessels)))
            if not -STRONGEST <= pressure <= STRONGEST:
                what = f"{pressure / mmHg:g} mmHg on '{name}'"
                found.append(Problem(what, "external pressure", f"give at most {STRONGEST / mmHg:g} mmHg"))
        if self.strain is not None and not 0.0 < self.strain.pressure <= STRONGEST:
            what = f"a strain of {self.strain.pressure / mmHg:g} mmHg"
            found.append(Problem(what, "strain", f"give up to {STRONGEST / mmHg:g} mmHg"))
        return found

    def apply(self, healthy: Network, places: Mapping[str, tuple[float, float]]) -> Network:
        """A healthy supine network put through all of it but the strain."""
        network = healthy
        if self.blood_volume is not None:
            network = with_blood_volume(network, self.blood_volume)
        if self.posture_degrees:
            network = tilt(network, places, self.posture_degrees)
        if self.heart_rate is not None:  # after the posture, whose reflexes would change it
            network = at_rate(network, self.heart_rate)
        if self.breathing is not None:
            network = _breathing(network, self.breathing)
        return _pressed(network, self.external_pressure)

    def strained(self, network: Network) -> Network:
        """A network with the strain in its course; itself without one."""
        if self.strain is None:
            return network
        s = self.strain

        def pushed(source: PressureSource) -> PressureSource:
            if source.node not in ("thorax", "abdomen"):
                return source
            wave = Pulse(under=source.pressure, height=s.pressure, begin=s.begin, rise=s.rise, hold=s.hold, fall=s.fall)
            return replace(source, pressure=wave)

        return replace(network, pressure_sources=tuple(pushed(source) for source in network.pressure_sources))


def _wrong_blood(volume: float, own: float) -> list[Problem]:
    low, high = BLOOD[0] * own, BLOOD[1] * own
    if low <= volume <= high:
        return []
    remedy = f"give {low / litre:.3g} to {high / litre:.3g} L; no reflex makes good what is lost or gained"
    return [Problem(f"a blood volume of {volume / litre:g} L", "blood volume", remedy)]


def _breathing(network: Network, breathing: Breathing) -> Network:
    """The network over one breath, of a whole number of beats."""
    beats = max(1, round(1.0 / (breathing.rate * network.period)))
    swings = {"thorax": breathing.pleural_swing, "abdomen": breathing.abdominal_swing}

    def swung(source: PressureSource) -> PressureSource:
        if source.node not in swings:
            return source
        rest = float(source.pressure.sample(_START, network.period)[0])
        wave: Waveform = Swing(rest=rest, peak=rest + swings[source.node], rise=breathing.inspiration)
        return replace(source, pressure=wave)

    def repeated(store: Store) -> Store:
        if not isinstance(store.law, VaryingStore) or not isinstance(store.law.elastance, DoubleCosine):
            return store
        return replace(store, law=replace(store.law, elastance=replace(store.law.elastance, beats=beats)))

    return replace(
        network,
        period=beats * network.period,
        beats=beats,
        stores=tuple(repeated(store) for store in network.stores),
        pressure_sources=tuple(swung(source) for source in network.pressure_sources),
    )


def _pressed(network: Network, pressures: Mapping[str, float]) -> Network:
    return replace(
        network,
        vessels=tuple(
            replace(v, external_pressure=v.external_pressure + pressures[v.name]) if v.name in pressures else v
            for v in network.vessels
        ),
    )


def degrees_of(posture: str | float) -> float:
    """Degrees head up of `supine`, `upright`, or a number of them."""
    if not isinstance(posture, str):
        return posture
    if posture not in POSTURES:
        remedy = f"{close_matches(posture, POSTURES)}, or degrees head up from 0 to 90"
        raise InputError(Problem(f"no posture '{posture}'", "posture", remedy))
    return POSTURES[posture]
