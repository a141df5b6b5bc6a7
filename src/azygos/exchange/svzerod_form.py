"""What may stand in a block of a svZeroDSolver file; `svzerod` says what it means here."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat

from azygos.units import mmHg, ms

__all__ = [
    "ACTIVATIONS", "BOUNDARIES", "CHAMBERS", "JUNCTIONS", "OPENING", "UNITS", "VALVES", "VESSELS", "BlockForm",
    "BoundaryForm", "ChamberForm", "CoronaryForm", "ElementForm", "FlowForm", "HalfCosineForm", "InductorForm",
    "JunctionForm", "JunctionValuesForm", "LinearForm", "PiecewiseForm", "PressureForm", "ResistanceForm", "Scale",
    "SwitchForm", "TanhForm", "ValveForm", "VesselForm", "WindkesselForm",
]  # fmt: skip


class Scale(BaseModel):
    """What a file's pressure and volume are in SI; time is in seconds throughout."""

    model_config = ConfigDict(frozen=True)

    pressure: float  # [Pa]
    volume: float  # [m3]

    @property
    def resistance(self) -> float:
        """Of resistances, inertances and elastances alike, with times in seconds."""
        return self.pressure / self.volume

    @property
    def quadratic(self) -> float:
        return self.pressure / self.volume**2

    @property
    def compliance(self) -> float:
        return self.volume / self.pressure


UNITS: Mapping[str, Scale] = {
    "cgs": Scale(pressure=0.1, volume=1e-6),  # dyn/cm2 and mL, in which SimVascular writes
    "si": Scale(pressure=1.0, volume=1.0),
    "mmHg-mL": Scale(pressure=mmHg, volume=1e-6),
}

OPENING = 1.0 / (mmHg * ms)  # [1/(Pa s)]: a valve follows 1 mmHg in 1 ms, where theirs take no time. assumed

Name = Annotated[str, Field(min_length=1)]
Series: TypeAlias = Annotated[
    tuple[FiniteFloat, ...], BeforeValidator(lambda value: value if isinstance(value, list) else [value])
]
One = Annotated[
    tuple[FiniteFloat, ...], Field(min_length=1), BeforeValidator(lambda v: v if isinstance(v, list) else [v])
]


class BlockForm(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class VesselForm(BlockForm):
    vessel_id: int
    vessel_name: Name
    zero_d_element_type: Name
    zero_d_element_values: dict[str, Any]
    boundary_conditions: dict[str, Name] = {}


class BoundaryForm(BlockForm):
    bc_name: Name
    bc_type: Name
    bc_values: dict[str, Any]


class JunctionForm(BlockForm):
    junction_name: Name
    junction_type: Name
    junction_values: dict[str, Any] = {}
    inlet_vessels: tuple[int, ...] = ()
    outlet_vessels: tuple[int, ...] = ()
    inlet_blocks: tuple[Name, ...] = ()
    outlet_blocks: tuple[Name, ...] = ()


class ValveForm(BlockForm):
    name: Name
    type: Name
    params: dict[str, Any]


class ChamberForm(BlockForm):
    name: Name
    type: Name
    values: dict[str, Any]
    activation_function: dict[str, Any] = {}  # before release 3 among the values


class ValuesForm(BaseModel):
    """The numbers of a block: what the program does not know, it refuses, and so does this."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ElementForm(ValuesForm):
    R_poiseuille: FiniteFloat
    C: FiniteFloat = 0.0
    L: FiniteFloat = 0.0
    stenosis_coefficient: FiniteFloat = 0.0


class FlowForm(ValuesForm):
    Q: One
    t: Series = ()


class PressureForm(ValuesForm):
    P: One
    t: Series = ()


class ResistanceForm(ValuesForm):
    R: One
    Pd: One
    t: Series = ()


class WindkesselForm(ValuesForm):
    Rp: FiniteFloat
    C: FiniteFloat
    Rd: FiniteFloat
    Pd: FiniteFloat


class CoronaryForm(ValuesForm):
    Ra1: FiniteFloat
    Ra2: FiniteFloat
    Rv1: FiniteFloat
    Ca: FiniteFloat
    Cc: FiniteFloat
    Pim: One
    P_v: One
    t: Series = ()


class JunctionValuesForm(ValuesForm):
    R_poiseuille: tuple[FiniteFloat, ...] = ()
    L: tuple[FiniteFloat, ...] = ()
    stenosis_coefficient: tuple[FiniteFloat, ...] = ()


class SwitchForm(ValuesForm):
    upstream_block: Name
    downstream_block: Name
    Rmin: Annotated[FiniteFloat, Field(gt=0.0)]
    Rmax: Annotated[FiniteFloat, Field(gt=0.0)]


class TanhForm(SwitchForm):
    Steepness: Annotated[FiniteFloat, Field(gt=0.0)]


class LinearForm(ValuesForm):
    Emax: FiniteFloat
    Epass: FiniteFloat
    Vrest: FiniteFloat


class InductorForm(ValuesForm):
    Emax: FiniteFloat
    Emin: FiniteFloat
    Vrd: FiniteFloat
    Vrs: FiniteFloat
    Impedance: FiniteFloat


class HalfCosineForm(ValuesForm):
    """Up and down again in one cosine."""

    t_active: FiniteFloat
    t_twitch: Annotated[FiniteFloat, Field(gt=0.0)]

    @property
    def timing(self) -> tuple[float, float, float]:
        """Onset, rise and fall [s]."""
        return self.t_active, self.t_twitch / 2.0, self.t_twitch / 2.0


class PiecewiseForm(ValuesForm):
    """Half a cosine up and half a cosine down."""

    contract_start: FiniteFloat
    relax_start: FiniteFloat
    contract_duration: Annotated[FiniteFloat, Field(gt=0.0)]
    relax_duration: Annotated[FiniteFloat, Field(gt=0.0)]

    @property
    def timing(self) -> tuple[float, float, float]:
        """Onset, rise and fall [s]."""
        return self.contract_start, self.contract_duration, self.relax_duration


ACTIVATIONS: Mapping[str, type[HalfCosineForm] | type[PiecewiseForm]] = {
    "half_cosine": HalfCosineForm,
    "piecewise_cosine": PiecewiseForm,
}
VESSELS: Mapping[str, type[ElementForm]] = {"BloodVessel": ElementForm, "BloodVesselCRL": ElementForm}
BOUNDARIES: Mapping[str, type[ValuesForm]] = {
    "FLOW": FlowForm,
    "PRESSURE": PressureForm,
    "RESISTANCE": ResistanceForm,
    "RCR": WindkesselForm,
    "CORONARY": CoronaryForm,
}
VALVES: Mapping[str, type[SwitchForm]] = {"PiecewiseValve": SwitchForm, "ValveTanh": TanhForm}
CHAMBERS: Mapping[str, type[ValuesForm]] = {
    "LinearElastanceChamber": LinearForm,
    "PiecewiseCosineChamber": LinearForm,  # its former name
    "ChamberElastanceInductor": InductorForm,
}
JUNCTIONS = ("NORMAL_JUNCTION", "internal_junction", "BloodVesselJunction")
