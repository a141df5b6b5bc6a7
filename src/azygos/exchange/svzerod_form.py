"""What may stand in a block of a svZeroDSolver file; `svzerod` says what it means here."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat

from azygos.body.waveform import DoubleCosine, Sampled, Waveform
from azygos.units import mmHg, ms

__all__ = [
    "ACTIVATIONS", "BOUNDARIES", "CHAMBERS", "JUNCTIONS", "OPENING", "UNITS", "VALVES", "VESSELS", "ActivationForm",
    "BlockForm", "BoundaryForm", "ChamberForm", "CoronaryForm", "ElementForm", "FlowForm", "InductorForm",
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

HILLS = 1000  # times of a beat at which two Hill functions are taken

Name = Annotated[str, Field(min_length=1)]
Positive = Annotated[FiniteFloat, Field(gt=0.0)]
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
    Rmin: Positive
    Rmax: Positive


class TanhForm(SwitchForm):
    Steepness: Positive


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


class ActivationForm(ValuesForm, ABC):
    """How a chamber stiffens and softens over the beat: e(t) from 0 to 1."""

    @abstractmethod
    def elastance(self, active: float, passive: float, period: float) -> Waveform:
        """passive + active e(t)."""


class CosineForm(ActivationForm):
    """By half cosines: e = (1 - cos(pi s / rise)) / 2, then (1 + cos(pi s / fall)) / 2, s from where each begins."""

    @property
    @abstractmethod
    def timing(self) -> tuple[float, float, float]:
        """Onset, rise and fall [s]."""

    def elastance(self, active: float, passive: float, period: float) -> Waveform:
        onset, rise, fall = (time / period for time in self.timing)
        return DoubleCosine(active=active, passive=passive, onset=onset, rise=rise, fall=fall)


class HalfCosineForm(CosineForm):
    """Up and down again in one cosine."""

    t_active: FiniteFloat
    t_twitch: Positive

    @property
    def timing(self) -> tuple[float, float, float]:
        return self.t_active, self.t_twitch / 2.0, self.t_twitch / 2.0


class PiecewiseForm(CosineForm):
    """Half a cosine up and half a cosine down."""

    contract_start: FiniteFloat
    relax_start: FiniteFloat
    contract_duration: Positive
    relax_duration: Positive

    @property
    def timing(self) -> tuple[float, float, float]:
        return self.contract_start, self.contract_duration, self.relax_duration


class TwoHillForm(ActivationForm):
    """Two Hill functions of the time s since t_shift, over their largest product: here a series of HILLS times.

    e = g1 / (1 + g1) / (1 + g2), g1 = (s / tau_1)^m1, g2 = (s / tau_2)^m2
    """

    t_shift: FiniteFloat
    tau_1: Positive
    tau_2: Positive
    m1: Positive
    m2: Positive

    def elastance(self, active: float, passive: float, period: float) -> Waveform:
        times = np.linspace(0.0, period, HILLS + 1)
        shape = self._hills(np.mod(times - self.t_shift, period)) / (self._hills(times).max() or 1.0)
        values = passive + active * shape
        return Sampled(tuple(times.tolist()), (*values[:-1].tolist(), float(values[0])))

    def _hills(self, since: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(over="ignore", divide="ignore"):  # at 0 and far behind tau_2 it is 0
            rising, falling = (self.tau_1 / since) ** self.m1, (since / self.tau_2) ** self.m2
        return np.asarray(1.0 / (1.0 + rising) / (1.0 + falling))


ACTIVATIONS: Mapping[str, type[ActivationForm]] = {
    "half_cosine": HalfCosineForm,
    "piecewise_cosine": PiecewiseForm,
    "two_hill": TwoHillForm,
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
