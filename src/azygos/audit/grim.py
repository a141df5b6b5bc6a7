"""Which means and standard deviations whole numbers can have: GRIM, GRIMMER and DEBIT.

n persons answer k items each with a multiple of a step h. Their scores are then h/k times whole numbers y, so that

    mean = (h/k) S / n            with S the sum of the y, a whole number                    (GRIM)
    (n - 1) sd^2 = (h/k)^2 (Q - S^2/n)    with Q their sum of squares, whole and with the parity of S   (GRIMMER)

since y^2 and y are both even or both odd. For answers of 0 and 1, sd^2 = m (1 - m) n / (n - 1)    (DEBIT).
All in exact fractions: no printed decimal is lost to binary ones.

Sources: Brown & Heathers 2017 (Soc Psychol Personal Sci 8:363) for GRIM; Anaya 2016 (PeerJ Preprints 4:e2400) for
GRIMMER and Allard 2018 for the parity form used here; Heathers & Brown 2019 for DEBIT.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

__all__ = ["Printed", "debit", "grim", "grimmer", "is_grim_informative", "nearest_means", "sums"]

MOST_SUMS = 1000  # sums a mean may stand for before its sd says nothing more


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed decimal as an exact fraction, with the range that is rounded or, `cut`, cut off to it."""

    value: Fraction
    decimals: int

    @classmethod
    def of(cls, text: str) -> "Printed":
        """The decimal that a text is: `Printed.of("3.40")` has two decimals."""
        return cls(Fraction(text), len(text.partition(".")[2]))

    def bounds(self, *, cut: bool = False) -> tuple[Fraction, Fraction]:
        """The range, ends included: halves are rounded either way."""
        unit = Fraction(1, 10**self.decimals)
        if not cut:
            return self.value - unit / 2, self.value + unit / 2
        return (self.value, self.value + unit) if self.value >= 0 else (self.value - unit, self.value)


def _grain(n: int, items: int, step: Fraction) -> Fraction:
    """How far apart two neighbouring means are."""
    return step / (n * items)


def is_grim_informative(mean: Printed, n: int, items: int = 1, step: Fraction = Fraction(1)) -> bool:
    """Whether some means with so many decimals are impossible: not when sums are as close as printed digits."""
    return _grain(n, items, step) > Fraction(1, 10**mean.decimals)


def sums(mean: Printed, n: int, items: int = 1, step: Fraction = Fraction(1), *, cut: bool = False) -> range:
    """The whole sums S that are printed as this mean; empty where there are none."""
    grain = _grain(n, items, step)
    low, high = mean.bounds(cut=cut)
    return range(ceil(low / grain), floor(high / grain) + 1)


def grim(mean: Printed, n: int, items: int = 1, step: Fraction = Fraction(1), *, cut: bool = False) -> bool:
    """Whether a mean is possible."""
    return bool(sums(mean, n, items, step, cut=cut))


def nearest_means(mean: Printed, n: int, items: int = 1, step: Fraction = Fraction(1)) -> tuple[Fraction, Fraction]:
    """The possible means next below and above a printed one."""
    grain = _grain(n, items, step)
    below = floor(mean.value / grain)
    return below * grain, (below + 1) * grain


def grimmer(
    mean: Printed,
    sd: Printed,
    n: int,
    items: int = 1,
    step: Fraction = Fraction(1),
    *,
    cut: bool = False,
    divisor: int | None = None,
) -> bool:
    """Whether a standard deviation is possible beside its mean; `divisor` is n - 1 where it is not given.

    Raises ValueError when the mean itself is impossible.
    """
    possible = sums(mean, n, items, step, cut=cut)
    if not possible:
        raise ValueError("the mean is impossible")
    if len(possible) > MOST_SUMS:
        return True
    unit = step / items
    low, high = (max(bound, Fraction(0)) for bound in sd.bounds(cut=cut))
    by = n - 1 if divisor is None else divisor
    return any(_has_squares(total, n, by * (low / unit) ** 2, by * (high / unit) ** 2) for total in possible)


def _has_squares(total: int, n: int, low: Fraction, high: Fraction) -> bool:
    """Whether n whole numbers with this sum can have squared deviations in a range."""
    shift = Fraction(total * total, n)
    share, rest = divmod(total, n)
    fewest = rest * (share + 1) ** 2 + (n - rest) * share**2  # all as equal as they can be
    first = max(ceil(low + shift), fewest)
    first += (first - total) % 2
    return first <= floor(high + shift)


def debit(mean: Printed, sd: Printed, n: int, *, cut: bool = False) -> bool:
    """Whether a standard deviation is possible beside the mean of n answers of 0 or 1."""
    return any(low <= value <= high for low, high, value in _debits(mean, sd, n, cut))


def _debits(mean: Printed, sd: Printed, n: int, cut: bool) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    low, high = (max(bound, Fraction(0)) ** 2 for bound in sd.bounds(cut=cut))
    for ones in sums(mean, n, cut=cut):
        if 0 <= ones <= n:
            yield low, high, Fraction(ones * (n - ones), n * (n - 1))
