"""A lesion as a person says it: where the notation of files is `ijv_r: 80 % area at 0.5, 20 mm`."""

from azygos.body.lesion import Stenosis
from azygos.therapy.reading import label
from azygos.units import mm, mmHg

__all__ = ["lesion_words"]


def lesion_words(lesion: Stenosis) -> str:
    """Vessel, kind, how much it takes, how long it is and where: `right internal jugular vein: stenosis taking 80 % of
    the area, 20 mm long, at 0.5 of its length from upstream`."""
    area = f"taking {100 * lesion.narrowing:.4g} % of the area"
    taken = f"by {lesion.pressure / mmHg:.4g} mmHg" if lesion.pressure else area
    where = f"{lesion.length / mm:g} mm long, at {lesion.at:g} of its length from upstream"
    said = [f"{label(lesion.vessel)}: {lesion.kind} {taken}", "all along it" if lesion.kind == "hypoplasia" else where]
    if lesion.residual is not None:
        said.append(f"{100 * lesion.residual:.3g} % now")
    return ", ".join([*said, "stented"] if lesion.stent else said)
