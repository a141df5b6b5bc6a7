"""Which true effects are compatible with a result: the ends of an interval by inversion of a simulated test."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["LEVEL", "REFINED", "Bound", "bound"]

LEVEL = 0.95
REFINED = 3  # more effects tried at each end
LIMIT = (1.0 - LEVEL) / 2.0  # of either tail
APART = 0.5  # from the limit's normal quantile, at least, where the slope of a tail is taken


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
    inside = next((place for place, effect in enumerate(effects) if tails[effect] >= LIMIT), None)
    if inside is None:  # not one effect tried is compatible
        return Bound(effect=float("nan"), error=float("nan"), is_open=True)
    if inside == 0:
        return Bound(effect=effects[0], error=0.0, is_open=True)
    out, within = effects[inside - 1], effects[inside]
    for _ in range(REFINED):
        middle = round(_crossing(out, within, tails, repeats), 4)
        if middle in tails:
            break
        tails[middle] = tail(middle)
        out, within = (out, middle) if tails[middle] >= LIMIT else (middle, within)
    effect = _crossing(out, within, tails, repeats)
    error = float(np.sqrt(LIMIT * (1.0 - LIMIT) / repeats))
    tried = sorted(tails, reverse=not is_lower)
    return Bound(effect=effect, error=error / _slope(tried, tails, repeats), is_open=False)


def _crossing(out: float, within: float, tails: dict[float, float], repeats: int) -> float:
    """The effect between two at which the tail is 2.5 %."""
    low, limit, high = (_z(tail, repeats) for tail in (tails[out], LIMIT, tails[within]))
    share = (limit - low) / (high - low) if high > low else 0.5
    return out + min(max(share, 0.0), 1.0) * (within - out)


def _slope(effects: list[float], tails: dict[float, float], repeats: int) -> float:
    """How fast the tail changes with the effect where it is 2.5 %.

    Between effects far enough from each other that the same repeats tell them apart by more than their own chance:
    from one refinement to the next a tail of a thousand repeats changes by a handful of them, which is no slope.
    """
    z, limit = {effect: _z(tails[effect], repeats) for effect in effects}, _z(LIMIT, repeats)
    low, high = max(limit - APART, _z(0.0, repeats)), min(limit + APART, _z(1.0, repeats))
    out = [effect for effect in effects if z[effect] <= low][-1:] or effects[:1]
    within = [effect for effect in effects if z[effect] >= high][:1] or effects[-1:]
    rise = max((z[within[0]] - z[out[0]]) / abs(within[0] - out[0]), 1e-9)
    return float(np.exp(-0.5 * limit**2) / np.sqrt(2.0 * np.pi) * rise)


def _z(tail: float, repeats: int) -> float:
    from scipy.special import ndtri

    return float(ndtri(np.clip(tail, 0.5 / repeats, 1.0 - 0.5 / repeats)))
