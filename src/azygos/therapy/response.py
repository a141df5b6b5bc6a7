"""How a narrowed place answers to a balloon, by what narrows it.

    stenosis      the thickened wall keeps a part of what it was stretched: D = Db - e (Db - D before), e = 0.3
    web, valve    a leaflet tears when the balloon stretches the edge of its hole beyond its breaking strain; what is
                  torn stays open as wide as the balloon or the vein. What does not tear springs back whole
    thrombus      the balloon breaks up a part of the clot that it reaches; the wall is elastic and takes no part
    compression   nothing is stretched that could stay stretched: whole recoil
    hypoplasia    the wall is sound, and a sound wall is elastic: e = 0.9

A wall creeps while it is held: of what it could keep it keeps the share 1 - exp(-t / tau) after the time t.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

from azygos.body.lesion import MEMBRANES, Stenosis

__all__ = [
    "BREAKING_MEDIAN", "BREAKING_SPREAD", "DISTENSION_SPREAD", "ELASTIC", "LEAFLET_BREAK", "dilated", "elastic_share",
    "migrates", "opened", "partly", "sound_diameter", "tears",
]  # fmt: skip

# Elastic share of the gain in diameter, lost again at once: 20 to 50 % in narrowed veins (memory). assumed. Iliac
# arteries recoil by 36 % in the mean, 19 to 54 (Gardiner 2001, J Vasc Interv Radiol 12:1389; the abstract: of what?)
ELASTIC: Mapping[str, float] = MappingProxyType({"stenosis": 0.3, "hypoplasia": 0.9})
# Strain at which a leaflet breaks: strength 2.3 to 2.6 MPa over a modulus of 13 to 15 MPa, of leaflets of the class of
# heart valves (PMC6418800). That a web in a vein is as strong: assumed
LEAFLET_BREAK = 2.45 / 14.0
CLOT_BROKEN = 0.5  # share that one inflation breaks up of as much of a clot's area as the balloon reaches. assumed
CREEP = 15.0  # tau [s]. assumed
# Hoop strain at which a sound vein wall breaks, log-normal over patients. Median: 242 % of saphenous veins around the
# vein (PMC8050780). Spread: so that 3 of 1714 procedures rupture it (Petrov 2011, Veroux 2013: complications.csv) at a
# strain of 0.38, that of balloons 1.1 times the width in a venogram, which is 1.257 times the diameter of a circle as
# large as the vein (its ellipse, and Scalise 2013). assumed
BREAKING_MEDIAN = 2.42
BREAKING_SPREAD = 0.632
# How wide a vein gets beside what was measured, log-normal over patients with median 1: so that 1 of 304 stents
# migrates (complications.csv) that are 1.5 mm larger than that same width of a vein of 12 mm, 1.38 times it. assumed
DISTENSION_SPREAD = 0.119


def dilated(
    lesion: Stenosis,
    vein: float,
    inflated: float,
    *,
    elastic: float | None = None,
    seconds: float = math.inf,
    times: int = 1,
) -> Stenosis:
    """The lesion after a balloon of diameter `inflated` [m] was held in it, in a vein of diameter `vein` [m].

    `elastic` is the elastic share of a thickened wall where it is known, `seconds` how long the balloon was held in
    all, `times` how often it was inflated: each breaks up a part of what is left of a clot. With a stent in it the
    lesion stays as that holds it.
    """
    narrowed = vein * (1.0 - lesion.now_diameter)
    if inflated <= narrowed or lesion.narrowing == 0.0 or lesion.stent is not None:
        return lesion
    match lesion.kind:
        case "web" | "valve":
            return opened(lesion, vein, inflated) if inflated / narrowed - 1.0 > LEAFLET_BREAK else lesion
        case "thrombus":
            beyond = max(0.0, 1.0 - (inflated / vein) ** 2)  # what lies between the balloon and the wall
            return lesion.dilated(beyond + (lesion.now - beyond) * (1.0 - CLOT_BROKEN) ** times)
        case kind:
            kept = (1.0 - elastic_share(kind, elastic)) * (1.0 - math.exp(-seconds / CREEP))
            return opened(lesion, vein, narrowed + kept * (inflated - narrowed))


def elastic_share(kind: str, thickened: float | None) -> float:
    """Of the gain in diameter what is lost at once; `thickened` that of a thickened wall where it is known."""
    return ELASTIC[kind] if thickened is None or kind != "stenosis" else thickened


def partly(lesion: Stenosis, after: Stenosis, share: float) -> Stenosis:
    """The lesion of which a balloon covers only a `share` of the length; `after` is what it does to the whole.

    Of one piece as narrow throughout as resists the slow flow of the two in a row: 1/A^2 = (1 - s)/A0^2 + s/A1^2. A
    membrane is torn where most of it is covered.
    """
    if lesion.kind in MEMBRANES:
        return after if share > 0.5 else lesion
    if share >= 1.0 - 1e-9 or after == lesion:
        return after
    resistance = (1.0 - share) / (1.0 - lesion.now) ** 2 + share / (1.0 - after.now) ** 2
    return lesion.dilated(1.0 - resistance**-0.5)


def opened(lesion: Stenosis, vein: float, diameter: float) -> Stenosis:
    """The lesion opened to a diameter [m]; as wide as the vein there is no narrowing left, since that holds it."""
    return lesion.dilated(max(0.0, 1.0 - (diameter / vein) ** 2))


def sound_diameter(lesion: Stenosis, vein: float) -> float:
    """Diameter [m] of the sound wall that a balloon stretches: of the vein, or of a vein that is small."""
    return vein * (1.0 - lesion.now_diameter) if lesion.kind == "hypoplasia" else vein


def tears(inflated: float, sound: float, normal: float) -> bool:
    """Whether a wall of diameter `sound` [m] breaks around a balloon, for a patient at `normal` of the standard normal
    distribution of the logarithm of breaking strain."""
    strain = inflated / sound - 1.0
    return strain > BREAKING_MEDIAN * math.exp(BREAKING_SPREAD * normal)


def migrates(stent: float, vein: float, normal: float) -> bool:
    """Whether a stent of diameter `stent` [m] is smaller than its vein gets, for a patient at `normal` of the standard
    normal distribution of the logarithm of distension."""
    return stent < vein * math.exp(DISTENSION_SPREAD * normal)
