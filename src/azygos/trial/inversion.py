"""Which true effects are compatible with a result: the ends of an interval by inversion of a simulated test."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["LEVEL", "REFINED", "Bound", "bound"]

LEVEL = 0.95
REFINED = 3  # more effects tried at each end


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """An end of the compatible effects; `is_open` where all effects tried on that side are compatible."""

    effect: float
    error: float  # Monte Carlo
    is_open: bool


def bound(tails: dict[float, float], tail: Callable[[float], float], repeats: int, *, is_lower: bool) -> Bound:
    """Where the tail, found for the effects tried, crosses 2.5 %; near the crossing more effects are tried.

    Between two effects the normal quantile of the tail is taken as straight, which it is for a normal estimate.
    """
    if not tails:
        return Bound(effect=float("nan"), error=float("nan"), is_open=True)
    effects = sorted(tails, reverse=not is_lower)  # from the side on which they are excluded
    limit = (1.0 - LEVEL) / 2.0
    inside = next((place for place, effect in enumerate(effects) if tails[effect] >= limit), None)
    if inside is None:  # not one effect tried is compatible
        return Bound(effect=float("nan"), error=float("nan"), is_open=True)
    if inside == 0:
        return Bound(effect=effects[0], error=0.0, is_open=True)
    out, within = effects[inside - 1], effects[inside]
    for _ in range(REFINED):
        middle = round(_crossing(out, within, tails, repeats)[0], 4)
        if middle in tails:
            break
        tails[middle] = tail(middle)
        out, within = (out, middle) if tails[middle] >= limit else (middle, within)
    effect, slope = _crossing(out, within, tails, repeats)
    return Bound(effect=effect, error=float(np.sqrt(limit * (1.0 - limit) / repeats) / slope), is_open=False)


def _crossing(out: float, within: float, tails: dict[float, float], repeats: int) -> tuple[float, float]:
    """The effect between two at which the tail is 2.5 %, and how fast the tail changes there."""
    from scipy.special import ndtri

    limit = (1.0 - LEVEL) / 2.0
    low, high = (float(ndtri(np.clip(tails[effect], 0.5 / repeats, 1.0 - 0.5 / repeats))) for effect in (out, within))
    if high <= low:
        return (out + within) / 2.0, 1e-9
    z = float(ndtri(limit))
    share = min(max((z - low) / (high - low), 0.0), 1.0)
    slope = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) * (high - low) / abs(within - out)
    return out + share * (within - out), float(slope)
