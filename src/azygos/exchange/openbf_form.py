"""What may stand in an openBF file about a vessel and about the blood; `openbf` says what it means."""

from math import pi, sqrt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from azygos.body.wall import AvolioWall, ElasticWall, Wall

__all__ = ["FIELDS", "KNOWN", "SILENT", "STAND_IN", "BloodForm", "SegmentForm", "viscous_share"]

Positive = Annotated[FiniteFloat, Field(gt=0.0)]
NotNegative = Annotated[FiniteFloat, Field(ge=0.0)]

VOIGT = (0.6, 1.5e-3)  # b0 [kg/s], b1 [kg m/s]: Gamma = b0 + b1 / (2 R) of `visco-elastic: true`
SILENT = {"M", "to_save", "inlet_number"}  # about openBF's mesh and output, not about the network
FIELDS = {"start": "sn", "end": "tn", "length": "L", "radius": "Rp", "wall": "E", "profile": "gamma_profile"}

# Values that take the place of wrong ones, so that the rest can be checked.
STAND_IN = {"L": 0.1, "E": 1e5, "R0": 1e-3, "Rp": 1e-3, "Rd": 1e-3, "Rt": 0.0, "R1": 1e20, "R2": 1e20, "Cc": 1e-12}


class SegmentForm(BaseModel):
    """A vessel as openBF writes it, in SI without units. Zero resistances and compliances count as missing."""

    model_config = ConfigDict(extra="ignore")

    label: Annotated[str, Field(min_length=1)]
    sn: int
    tn: int
    L: Positive
    E: Positive
    R0: Positive | None = None
    Rp: Positive | None = None
    Rd: Positive | None = None
    h0: Positive | None = None
    Pext: FiniteFloat = 0.0
    gamma_profile: NotNegative | None = None
    visco_elastic: bool = Field(default=False, alias="visco-elastic")
    phi: NotNegative = 0.0
    inlet: Literal["Q", "P"] | None = None
    inlet_file: str | None = None
    outlet: Literal["reflection", "wk2", "wk3", "none"] | None = None
    Rt: Annotated[FiniteFloat, Field(ge=-1.0, le=1.0)] | None = None
    R1: NotNegative = 0.0
    R2: NotNegative = 0.0
    Cc: NotNegative = 0.0
    Pout: FiniteFloat = 0.0
    inlet_impedance_matching: bool = False

    @property
    def radius(self) -> tuple[float, float]:
        """At start and end [m]; 0 when the file has none."""
        start = self.Rp or self.R0 or 0.0
        return start, self.Rd or start

    @property
    def wall(self) -> Wall:
        mean = 0.5 * sum(self.radius)
        if self.visco_elastic:
            viscosity = VOIGT[0] + VOIGT[1] / (2.0 * mean)
        else:
            viscosity = viscous_share(self.h0 or 0.0) * self.phi
        if self.h0 is None:
            return AvolioWall(young=self.E, reference_pressure=self.Pext, viscosity=viscosity)
        return ElasticWall(young=self.E, thickness=self.h0, reference_pressure=self.Pext, viscosity=viscosity)


class BloodForm(BaseModel):
    model_config = ConfigDict(extra="ignore")

    rho: Positive
    mu: NotNegative


def viscous_share(thickness: float) -> float:
    """Gamma [Pa s m] of a wall of `thickness` [m] for each Pa s of openBF's `phi`."""
    return 2.0 / 3.0 * sqrt(pi) * thickness


KNOWN = {field.alias or name for name, field in SegmentForm.model_fields.items()}
