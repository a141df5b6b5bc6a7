"""What may stand in an azygos network file, part by part; `native` describes the format."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from azygos.body.network import (
    Autoregulation,
    Blood,
    Channel,
    CollapsibleStore,
    Expansion,
    ExponentialStore,
    LinearStore,
    Link,
    StarlingResistor,
    StoreLaw,
    Valve,
    VaryingStore,
)
from azygos.body.wall import ArteryWall, AvolioWall, ElasticWall, RigidWall, SinusWall, VeinWall, Wall
from azygos.body.waveform import Constant, Waveform
from azygos.exchange.quantity import (
    Acceleration,
    Compliance,
    Count,
    Density,
    Elastance,
    Flow,
    Inertance,
    Length,
    Lengths,
    Name,
    Number,
    Pressure,
    Quadratic,
    Resistance,
    Speeds,
    Time,
    ValveRate,
    Viscosity,
    Volume,
    WallViscosity,
)

__all__ = [
    "FORMAT",
    "GRAVITY",
    "LINKS",
    "STAND_IN",
    "STORES",
    "WALLS",
    "BloodForm",
    "ChannelForm",
    "CollapsibleStoreForm",
    "CosineForm",
    "ExpansionForm",
    "ExponentialStoreForm",
    "FileForm",
    "LinearStoreForm",
    "PulseForm",
    "RegulationForm",
    "SeriesForm",
    "SoftStoreForm",
    "StarlingForm",
    "StentedWallForm",
    "SwingForm",
    "ValveForm",
    "VaryingStoreForm",
    "VesselForm",
    "WallPartForm",
]

FORMAT = "azygos-network/1"
GRAVITY = 9.80665  # [m/s2], as a network has it


class PartForm(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BloodForm(PartForm):
    density: Density = Blood().density
    viscosity: Viscosity = Blood().viscosity


class FileForm(PartForm):
    format: Literal["azygos-network/1"]
    name: Name
    period: Time
    beats: Count = 1
    blood: dict[str, Any] = {}
    gravity: Acceleration = GRAVITY
    heights: dict[str, Any] = {}
    vessels: dict[str, Any]
    links: dict[str, Any] = {}
    regulations: dict[str, Any] = {}
    stores: dict[str, Any] = {}
    inflows: dict[str, Any] = {}
    pressures: dict[str, Any] = {}
    initial_heads: dict[str, Any] = {}


class JointForm(PartForm):
    start: Name = Field(alias="from")
    end: Name = Field(alias="to")


class VesselForm(JointForm):
    length: Length
    radius: Lengths
    wall: dict[str, Any]
    profile: Number = 2.0
    around: Name | None = None
    external_pressure: Pressure = 0.0


class ChannelForm(JointForm):
    kind: Literal["channel"] = "channel"
    resistance: Resistance
    inertance: Inertance = 0.0
    quadratic: Quadratic = 0.0

    def link(self, name: str) -> Link:
        return Channel(name=name, **self.model_dump(exclude={"kind"}))


class ValveForm(JointForm):
    kind: Literal["valve"]
    resistance: Resistance
    inertance: Inertance
    quadratic: Quadratic
    opening_rate: ValveRate
    closing_rate: ValveRate
    leak: Number = 1e-4

    def link(self, name: str) -> Link:
        return Valve(name=name, **self.model_dump(exclude={"kind"}))


class ExpansionForm(JointForm):
    kind: Literal["expansion"]
    before: Name
    after: Name | None = None
    resistance: Resistance

    def link(self, name: str) -> Link:
        return Expansion(name=name, **self.model_dump(exclude={"kind"}))


class StarlingForm(JointForm):
    kind: Literal["starling"]
    around: Name
    resistance: Resistance
    sharpness: Pressure = 10.0

    def link(self, name: str) -> Link:
        return StarlingResistor(name=name, **self.model_dump(exclude={"kind"}))


class RegulationForm(PartForm):
    normal_flow: Flow
    gain: Number
    time_constant: Time
    least: Number
    most: Number

    def regulation(self, link: str) -> Autoregulation:
        return Autoregulation(link=link, **self.model_dump())


class HeldForm(PartForm):
    at: Name
    around: Name | None = None
    blood: bool = True


class SoftStoreForm(HeldForm):
    """A store given by its compliance or by its elastance."""

    elastance: Elastance | None = None
    compliance: Compliance | None = None

    @property
    def stiffness(self) -> float:
        if self.compliance:
            return 1.0 / self.compliance
        return 1.0 if self.elastance is None else self.elastance


class LinearStoreForm(SoftStoreForm):
    law: Literal["linear"] = "linear"
    unstressed_volume: Volume = 0.0

    def store_law(self, waveform: Waveform | None) -> StoreLaw:
        return LinearStore(elastance=self.stiffness, unstressed_volume=self.unstressed_volume)


class CollapsibleStoreForm(SoftStoreForm):
    law: Literal["collapsible"]
    unstressed_volume: Volume

    def store_law(self, waveform: Waveform | None) -> StoreLaw:
        return CollapsibleStore(elastance=self.stiffness, unstressed_volume=self.unstressed_volume)


class VaryingStoreForm(HeldForm):
    law: Literal["varying"]
    elastance: Any
    unstressed_volume: Volume = 0.0

    def store_law(self, waveform: Waveform | None) -> StoreLaw:
        return VaryingStore(elastance=waveform or Constant(1.0), unstressed_volume=self.unstressed_volume)


class ExponentialStoreForm(HeldForm):
    law: Literal["exponential"]
    scale: Pressure
    volume_scale: Volume
    unstressed_volume: Volume = 0.0
    reference_pressure: Pressure = 0.0
    straight_below: bool = False

    def store_law(self, waveform: Waveform | None) -> StoreLaw:
        return ExponentialStore(
            scale=self.scale,
            volume_scale=self.volume_scale,
            unstressed_volume=self.unstressed_volume,
            reference_pressure=self.reference_pressure,
            straight_below=self.straight_below,
        )


class WallPartForm(PartForm):
    law: str
    built: ClassVar[type[Wall]]

    def built_wall(self) -> Wall:
        return self.built(**self.model_dump(exclude={"law"}))


class ArteryWallForm(WallPartForm):
    built = ArteryWall
    wave_speed: Speeds
    reference_pressure: Pressure = 0.0
    viscosity: WallViscosity = 0.0


class VeinWallForm(WallPartForm):
    built = VeinWall
    wave_speed: Speeds
    reference_pressure: Pressure = 0.0
    viscosity: WallViscosity = 0.0


class SinusWallForm(WallPartForm):
    built = SinusWall
    wave_speed: Speeds
    reference_pressure: Pressure = 0.0


class ElasticWallForm(WallPartForm):
    built = ElasticWall
    young: Pressure
    thickness: Length
    reference_pressure: Pressure = 0.0
    viscosity: WallViscosity = 0.0


class AvolioWallForm(WallPartForm):
    built = AvolioWall
    young: Pressure
    reference_pressure: Pressure = 0.0
    viscosity: WallViscosity = 0.0


class RigidWallForm(WallPartForm):
    built = RigidWall


class StentedWallForm(WallPartForm):
    wall: dict[str, Any]
    stent_radius: Length
    stiffness: Pressure


class CosineForm(PartForm):
    active: str
    passive: str
    onset: Number
    rise: Number
    fall: Number
    beats: Count = 1


class SwingForm(PartForm):
    rest: str
    peak: str
    rise: Number = 0.4


class PulseForm(PartForm):
    under: Any
    height: str
    begin: Time
    rise: Time
    hold: Time
    fall: Time


class SeriesForm(PartForm):
    units: Annotated[list[str], Field(min_length=2, max_length=2)]
    table: list[list[str]] | None = None
    file: Name | None = None


LINKS: Mapping[str, type[ChannelForm] | type[ValveForm] | type[ExpansionForm] | type[StarlingForm]] = {
    "channel": ChannelForm,
    "valve": ValveForm,
    "expansion": ExpansionForm,
    "starling": StarlingForm,
}
STORES: Mapping[
    str, type[LinearStoreForm] | type[CollapsibleStoreForm] | type[VaryingStoreForm] | type[ExponentialStoreForm]
] = {
    "linear": LinearStoreForm,
    "collapsible": CollapsibleStoreForm,
    "varying": VaryingStoreForm,
    "exponential": ExponentialStoreForm,
}
# Values that take the place of wrong ones, so that the rest of a part can be checked.
STAND_IN: Mapping[str, Any] = {
    "length": "1 cm",
    "radius": "1 mm",
    "wall": {"law": "rigid"},
    "profile": "2",
    "external_pressure": "0 Pa",
    "resistance": "1 Pa s/m3",
    "inertance": "1 Pa s2/m3",
    "quadratic": "0 Pa s2/m6",
    "opening_rate": "1 1/(Pa s)",
    "closing_rate": "1 1/(Pa s)",
    "leak": "1e-4",
    "elastance": "1 Pa/m3",
    "unstressed_volume": "0 m3",
    "scale": "1 Pa",
    "volume_scale": "1 m3",
    "reference_pressure": "0 Pa",
    "format": FORMAT,
    "name": "unnamed",
    "period": "1 s",
    "beats": "1",
    "sharpness": "10 Pa",
    "normal_flow": "1 m3/s",
    "gain": "1",
    "time_constant": "1 s",
    "least": "0.5",
    "most": "2",
    "gravity": "9.80665 m/s2",
    "vessels": {},
}
WALLS: Mapping[str, type[WallPartForm]] = {
    "artery": ArteryWallForm,
    "vein": VeinWallForm,
    "sinus": SinusWallForm,
    "elastic": ElasticWallForm,
    "avolio": AvolioWallForm,
    "rigid": RigidWallForm,
    "stented": StentedWallForm,
}
