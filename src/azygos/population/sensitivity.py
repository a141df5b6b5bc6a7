"""How much outputs depend on parameters that vary: designs of points, and indices of what was found there.

sobol   Shares of the variance of an output y. First order, what a parameter does alone, and total, what it does alone
        and with others (Saltelli et al. 2010, Comput Phys Commun 181:259, table 2 b and f), from n (k + 2) points:
            S_i = <f_B (f_ABi - f_A)> / Var y,    T_i = <(f_A - f_ABi)^2> / (2 Var y)
morris  Elementary effects along n trajectories of k + 1 points (Morris 1991, Technometrics 33:161; Campolongo et al.
        2007, Environ Model Softw 22:1509): mu*, the mean size of the change of y per unit of the parameter's
        quantile, and sigma, how much that differs from place to place. The cheapest way to see what matters at all.
rank    Spearman's rank correlation, and the partial one, with all other parameters' ranks held (Marino et al. 2008,
        J Theor Biol 254:178), from n points of a Latin hypercube or n patients.

Points are places in the unit cube; a parameter's value is its quantile there. Intervals are percentiles of a bootstrap
over points, trajectories or patients. scipy.stats.sobol_indices is not used: its bootstrap takes no seed, and it takes
no number of points but powers of two, which are no longer there when some could not be solved.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem
from azygos.population.distribution import Distribution
from azygos.rng import stream

__all__ = [
    "INDICES",
    "METHODS",
    "Index",
    "Method",
    "check_count",
    "count",
    "design",
    "foremost",
    "indices",
    "values_at",
]

Floats: TypeAlias = NDArray[np.float64]
Method: TypeAlias = Literal["sobol", "morris", "rank"]
METHODS: tuple[str, ...] = get_args(Method)
INDICES: Mapping[str, tuple[str, str]] = {
    "sobol": ("first order", "total"),
    "morris": ("mu*", "sigma"),
    "rank": ("rank correlation", "partial rank correlation"),
}
LEVELS = 4  # of Morris's grid; a step is two of them
RESAMPLES = 1000
NOISE = 1e-11  # of a rank's variance
LEAST = 4  # points, trajectories or patients, below which nothing can be said
MOST = 10_000_000  # bodies


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One index of one output and one parameter."""

    output: str
    parameter: str
    name: str  # one of INDICES
    estimate: float
    lower: float
    upper: float


def count(method: Method, n: int, parameters: int) -> int:
    """How many points a design has."""
    return {"sobol": n * (parameters + 2), "morris": n * (parameters + 1), "rank": n}[method]


def check_count(method: Method, n: int, parameters: int) -> None:
    """Whether something can be said of so many, in a lifetime. Raises InputError."""
    if n < LEAST:
        raise InputError(Problem(f"{n} are too few for a design", "--n", f"give {LEAST} or more"))
    if count(method, n, parameters) > MOST:
        what = f"{n} for {parameters} parameters are {count(method, n, parameters)} bodies, of {MOST} at most"
        raise InputError(Problem(what, "--n, --parameters", "give fewer"))


def design(method: Method, parameters: int, n: int, seed: int) -> Floats:
    """The points of a design, shape (points, parameters), in the unit cube. Raises InputError."""
    check_count(method, n, parameters)
    match method:
        case "sobol":
            return _saltelli(parameters, n, seed)
        case "morris":
            return np.concatenate([_trajectory(parameters, seed, i) for i in range(n)])
        case "rank":
            from scipy.stats.qmc import LatinHypercube

            cube: Floats = LatinHypercube(parameters, rng=stream(seed, "latin hypercube")).random(n)
            return cube


def _saltelli(k: int, n: int, seed: int) -> Floats:
    """A, B, then A with each column of B in turn: shape ((k + 2) n, k)."""
    from scipy.stats.qmc import Sobol

    if n & (n - 1):
        least = 1 << (n.bit_length() - 1)
        raise InputError(
            Problem(f"{n} is no power of two, as Sobol's sequence needs it", "--n", f"give {least} or {2 * least}")
        )
    both = Sobol(2 * k, rng=stream(seed, "sobol")).random(n)
    a, b = both[:, :k], both[:, k:]
    mixed = []
    for i in range(k):
        ab = a.copy()
        ab[:, i] = b[:, i]
        mixed.append(ab)
    return np.concatenate([a, b, *mixed])


def _trajectory(k: int, seed: int, number: int) -> Floats:
    """k + 1 points, each other in one parameter by half the cube from the one before, up or down, in any order."""
    rng = stream(seed, "morris", number)
    level = rng.integers(0, LEVELS, k)
    points = np.tile(level, (k + 1, 1))
    for step, i in enumerate(rng.permutation(k)):
        points[step + 1 :, i] += LEVELS // 2 if level[i] < LEVELS // 2 else -(LEVELS // 2)
    return np.asarray((points + 0.5) / LEVELS, dtype=np.float64)


def values_at(points: Floats, laws: Mapping[str, Distribution]) -> list[dict[str, float]]:
    """The parameters' values at points of the unit cube."""
    return [
        {name: law.quantile(float(u)) for (name, law), u in zip(laws.items(), point, strict=True)} for point in points
    ]


def indices(
    method: Method, points: Floats, outputs: Mapping[str, Floats], parameters: Sequence[str], *, seed: int
) -> tuple[tuple[Index, ...], int]:
    """The indices of each output, and how many blocks of points were left out since one in them has no number.

    `points` are those of the design, or for `rank` the parameters' own values; each output has a value for each.
    """
    found, dropped = [], 0
    for output, values in outputs.items():
        blocks, estimate = _PREPARE[method](points, values)
        kept = blocks[np.all(np.isfinite(blocks.reshape(len(blocks), -1)), axis=1)]
        dropped = max(dropped, len(blocks) - len(kept))
        if len(kept) < LEAST:
            what = f"of '{output}' {len(kept)} of {len(blocks)} could be computed, which says nothing"
            raise InputError(Problem(what, "", "narrow the ranges of the parameters, or take more points"))
        found += _with_intervals(output, parameters, method, kept, estimate, seed)
    return tuple(found), dropped


def foremost(found: Sequence[Index], method: Method, output: str) -> list[str]:
    """The parameters of an output, those that matter most first."""
    by = "total" if method == "sobol" else INDICES[method][0]
    of = [index for index in found if index.output == output and index.name == by]
    return [index.parameter for index in sorted(of, key=lambda index: -abs(index.estimate))]


def _with_intervals(
    output: str,
    parameters: Sequence[str],
    method: Method,
    blocks: Floats,
    estimate: Callable[[Floats], Floats],
    seed: int,
) -> list[Index]:
    """Each index with the 2.5th and 97.5th percentile of a bootstrap over the blocks."""
    rng = stream(seed, "bootstrap", output)
    whole = estimate(blocks)  # (index, parameter)
    again = np.stack([estimate(blocks[rng.integers(0, len(blocks), len(blocks))]) for _ in range(RESAMPLES)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an index that has no number has no interval
        lower, upper = np.nanpercentile(again, [2.5, 97.5], axis=0)
    return [
        Index(
            output=output,
            parameter=parameter,
            name=name,
            estimate=float(whole[j, i]),
            lower=float(lower[j, i]),
            upper=float(upper[j, i]),
        )
        for i, parameter in enumerate(parameters)
        for j, name in enumerate(INDICES[method])
    ]


Prepared: TypeAlias = "tuple[Floats, Callable[[Floats], Floats]]"


def _sobol(points: Floats, values: Floats) -> Prepared:
    """Blocks (n, k + 2): f_A, f_B and each f_AB of one row of the design."""
    k = points.shape[1]
    return values.reshape(k + 2, -1).T, _shares


def _shares(blocks: Floats) -> Floats:
    a, b, mixed = (blocks[:, columns] for columns in (slice(0, 1), slice(1, 2), slice(2, None)))
    variance = np.var(blocks[:, :2])
    if variance == 0.0:
        return np.zeros((2, mixed.shape[1]))
    # About the mean, which leaves the first order as it is but for much less noise (Sobol and Levitan 1999).
    centre = np.mean(blocks[:, :2])
    first = np.mean((b - centre) * (mixed - a), axis=0) / variance
    total = 0.5 * np.mean((a - mixed) ** 2, axis=0) / variance
    return np.stack([first, total])


def _morris(points: Floats, values: Floats) -> Prepared:
    """Blocks (n, k): each trajectory's elementary effects."""
    k = points.shape[1]
    steps = np.diff(points.reshape(-1, k + 1, k), axis=1)
    changes = np.diff(values.reshape(-1, k + 1), axis=1)
    which = np.argmax(np.abs(steps), axis=2)
    effects = np.empty_like(changes)
    np.put_along_axis(effects, which, changes / np.take_along_axis(steps, which[..., None], axis=2)[..., 0], axis=1)
    return effects, lambda blocks: np.stack([np.mean(np.abs(blocks), axis=0), np.std(blocks, axis=0, ddof=1)])


def _rank(points: Floats, values: Floats) -> Prepared:
    """Blocks (n, k + 1): the parameters and the output of each point."""
    return np.column_stack([points, values]), _correlations


def _correlations(blocks: Floats) -> Floats:
    from scipy.stats import rankdata

    ranks = rankdata(blocks, axis=0)
    with np.errstate(all="ignore"):
        matrix: Floats = np.asarray(np.corrcoef(ranks, rowvar=False), dtype=np.float64)
    k = matrix.shape[0] - 1
    partial = np.full(k, np.nan)
    if len(blocks) > k + 2 and np.all(np.isfinite(matrix)):
        # A trace of noise: where one parameter alone orders the output its partial correlation is 1, the others' 0.
        inverse = np.linalg.inv(matrix + NOISE * np.eye(k + 1))
        partial = -inverse[:k, k] / np.sqrt(np.diag(inverse)[:k] * inverse[k, k])
    return np.stack([matrix[:k, k], partial])


_PREPARE: Mapping[str, Callable[[Floats, Floats], Prepared]] = {"sobol": _sobol, "morris": _morris, "rank": _rank}
