"""What may stand in an azygos network file, part by part; `native` describes the format."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from azygos import units
from azygos.body.network import (
    Blood,
    Channel,
    Expansion,
    ExponentialStore,
    LinearStore,
    Link,
    StoreLaw,
    Valve,
    VaryingStore,
)
from azygos.body.wall import ArteryWall, AvolioWall, ElasticWall, RigidWall, SinusWall, VeinWall, Wall
from azygos.body.waveform import Constant, Waveform
from azygos.exchange.document import shown

__all__ = [
    "FORMAT",
    "GRAVITY",
    "LINKS",
    "STAND_IN",
    "STORES",
    "WALLS",
    "BloodForm",
    "ChannelForm",
    "CosineForm",
    "ExpansionForm",
    "ExponentialStoreForm",
    "FileForm",
    "LinearStoreForm",
    "SeriesForm",
    "StentedWallForm",
    "ValveForm",
    "VaryingStoreForm",
    "VesselForm",
    "WallPartForm",
    "parsed",
]

FORMAT = "azygos-network/1"
GRAVITY = 9.80665  # [m/s2], as a network has it


def _raise(what: str, remedy: str) -> PydanticCustomError:
    return PydanticCustomError("input", "{what}; {remedy}", {"what": what, "remedy": remedy})


def parsed(value: object, dimension: str) -> float:
    """The SI value of a quantity; raises what pydantic collects, with the words of `units.parse`."""
    if value is None or isinstance(value, (dict, list)) or len(str(value)) > 50:
        example = "give one number with its unit" if dimension != "number" else "give one number"
        raise _raise(f"expected a {dimension}, got {shown(value)}", example)
    try:
        return units.parse(value, dimension)
    except units.UnitProblem as problem:
        raise _raise(problem.what, problem.remedy) from None
    except (OverflowError, ValueError):
        raise _raise(f"'{value}' is too large for a number", "give a smaller number or unit") from None


def _quantity(dimension: str) -> BeforeValidator:
    return BeforeValidator(lambda value: parsed(value, dimension))


def _pair(dimension: str) -> BeforeValidator:
    def read(value: object) -> tuple[float, float]:
        if not isinstance(value, list):
            return (parsed(value, dimension),) * 2
        if len(value) != 2:
            raise _raise(f"a list of {len(value)}", "give one for the whole vessel or two for its ends")
        return parsed(value[0], dimension), parsed(value[1], dimension)

    return BeforeValidator(read)


Number = Annotated[float, _quantity("number")]
Length = Annotated[float, _quantity("length")]
Lengths = Annotated[tuple[float, float], _pair("length")]
Volume = Annotated[float, _quantity("volume")]
Time = Annotated[float, _quantity("time")]
Speeds = Annotated[tuple[float, float], _pair("speed")]
Pressure = Annotated[float, _quantity("pressure")]
Density = Annotated[float, _quantity("density")]
Viscosity = Annotated[float, _quantity("viscosity")]
WallViscosity = Annotated[float, _quantity("wall viscosity")]
Acceleration = Annotated[float, _quantity("acceleration")]
Resistance = Annotated[float, _quantity("resistance")]
Inertance = Annotated[float, _quantity("inertance")]
Quadratic = Annotated[float, _quantity("quadratic resistance")]
Compliance = Annotated[float, _quantity("compliance")]
Elastance = Annotated[float, _quantity("elastance")]
ValveRate = Annotated[float, _quantity("valve rate")]
Name = Annotated[str, Field(min_length=1)]


class PartForm(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BloodForm(PartForm):
    density: Density = Blood().density
    viscosity: Viscosity = Blood().viscosity


class FileForm(PartForm):
    format: Literal["azygos-network/1"]
    name: Name
    period: Time
    blood: dict[str, Any] = {}
    gravity: Acceleration = GRAVITY
    heights: dict[str, Any] = {}
    vessels: dict[str, Any]
    links: dict[str, Any] = {}
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


class HeldForm(PartForm):
    at: Name
    around: Name | None = None
    blood: bool = True


class LinearStoreForm(HeldForm):
    law: Literal["linear"] = "linear"
    elastance: Elastance | None = None
    compliance: Compliance | None = None
    unstressed_volume: Volume = 0.0

    def store_law(self, waveform: Waveform | None) -> StoreLaw:
        elastance = 1.0 if self.elastance is None else self.elastance
        if self.compliance:
            elastance = 1.0 / self.compliance
        return LinearStore(elastance=elastance, unstressed_volume=self.unstressed_volume)


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

    def store_law(self, waveform: Waveform | None) -> StoreLaw:
        return ExponentialStore(
            scale=self.scale,
            volume_scale=self.volume_scale,
            unstressed_volume=self.unstressed_volume,
            reference_pressure=self.reference_pressure,
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


class SeriesForm(PartForm):
    units: Annotated[list[str], Field(min_length=2, max_length=2)]
    table: list[list[str]] | None = None
    file: Name | None = None


LINKS: Mapping[str, type[ChannelForm] | type[ValveForm] | type[ExpansionForm]] = {
    "channel": ChannelForm,
    "valve": ValveForm,
    "expansion": ExpansionForm,
}
STORES: Mapping[str, type[LinearStoreForm] | type[VaryingStoreForm] | type[ExponentialStoreForm]] = {
    "linear": LinearStoreForm,
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
