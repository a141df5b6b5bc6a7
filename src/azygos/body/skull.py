"""The closed space around the brain: its fluid, made from blood and given back to it, and what presses on it."""

from azygos.body.network import Channel, ExponentialStore, StarlingResistor, Store
from azygos.body.parts import OUTSIDE, SKULL, Part
from azygos.body.rows import RESISTANCE
from azygos.units import minute, mL, mmHg

__all__ = ["FLUID", "skull"]

FLUID = "cerebrospinal_fluid"
ELASTANCE = 0.11 / mL  # k_E: Ursino and Lodi 1997. 0.4 to 1.2 mL/mmHg are reported: Front Bioeng 2022, 1040517

OUTFLOW_RESISTANCE = 8.6 * mmHg * minute / mL  # median of healthy elderly, Malm 2011
FORMATION_RESISTANCE = 2380 * RESISTANCE  # from the capillaries: Ursino and Lodi 1997, Gadda 2015
VILLI = "sss_lambda"  # where the fluid is given back. assumed


def skull() -> Part:
    """The space after Monro and Kellie: what swells inside or flows in raises the pressure of its fluid.

        p = p_n exp(k_E dV),  compliance 1 / (k_E p): 0.96 mL/mmHg at 9.5 mmHg

    above the normal pressure; below it the compliance stays what it is there, since no pressure is the lowest. assumed

    Fluid is formed from the choroid plexuses' capillaries and passes through the villi into the sagittal sinus, one
    way: in the long run its pressure is the sinus' and that of outflow resistance times formation.
    """
    normal = OUTSIDE[SKULL]
    law = ExponentialStore(
        scale=normal,
        volume_scale=1.0 / ELASTANCE,
        unstressed_volume=150 * mL,  # does not act on anything. assumed
        reference_pressure=normal,
        straight_below=True,
    )
    formation = tuple(
        Channel(
            name=f"csf_formation_{side}",
            start=f"anterior_choroidal_{side}.capillary",
            end=SKULL,
            resistance=2.0 * FORMATION_RESISTANCE,
        )
        for side in "rl"
    )
    # Its surroundings are its own end, so that it lets fluid out and no blood in.
    absorption = StarlingResistor(
        name="csf_absorption", start=SKULL, end=VILLI, around=VILLI, resistance=OUTFLOW_RESISTANCE
    )
    return Part(links=(*formation, absorption), stores=(Store(name=FLUID, node=SKULL, law=law, is_blood=False),))
