"""How often tests of two arms find a difference where there is none, with few events.

    nice python benchmarks/rare_events.py [REPEATS] [SEED]     about four minutes for 2000, on one core

Two arms alike, allocated one to one, nobody lost before the end: the event comes to a share of the patients, another
cause removes some first, the others are followed to the end; days are uniform. Two-sided tests at 5 %. Written before
the run: Wald's test of a ratio from few events errs towards no finding (Hauck & Donner 1977, JASA 72:851), and no test
may reject in more than 5 % by more than 3 Monte Carlo standard errors. Writes benchmarks/results/rare_events.md.
"""

import sys
from pathlib import Path

import numpy as np

from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics.competing import gray_test
from azygos.statistics.hazards import cox
from azygos.statistics.subdistribution import fine_gray
from azygos.statistics.survival import logrank_test

OUT = Path(__file__).parent / "results" / "rare_events.md"
SETTINGS = (  # patients, share with the event, share removed by another cause
    (20, 3 / 20, 0.3), (89, 3 / 89, 0.3), (89, 5 / 89, 0.3), (89, 10 / 89, 0.3), (400, 5 / 400, 0.3), (400, 0.05, 0.3),
    (40, 0.05, 0.1), (40, 0.15, 0.1), (40, 0.5, 0.1), (200, 0.03, 0.1), (200, 0.1, 0.1),
)  # fmt: skip
TESTS = ("an arm has none", "log-rank", "cox", "fine-gray", "fine-gray, else Gray's")
LEVEL = 0.05


def rejected(n: int, share: float, other: float, seed: int, repeat: int) -> tuple[float, ...]:
    """Whether an arm has no event, and whether each test rejects; not a number where nobody had the event."""
    draw = stream(seed, "rare events", n, f"{share:.4f}", f"{other:.4f}", repeat)
    which, days = draw.random(n), draw.random(n)
    arm = np.repeat(np.arange(2), (n - n // 2, n // 2))
    cause = np.select([which < share, which < share + other], [1, 2], 0)
    time = np.where(cause > 0, days, 1.0)
    seen = np.bincount(arm[cause == 1], minlength=2)
    if not seen.any():
        return (np.nan,) * len(TESTS)
    x = arm[:, None].astype(float)
    model = fine_gray(time, cause, x)
    gray = gray_test(time, cause, arm).p
    own = model.log_hazard_ratios[0].test.p if model.converged else np.nan
    p = (
        _p(lambda: logrank_test(time, cause == 1, arm).p),
        _p(lambda: cox(time, cause == 1, x).log_hazard_ratios[0].test.p),
        own,
        own if model.converged else gray,
    )
    return (float(not seen.all()), *(float(one < LEVEL) for one in p))


def _p(test) -> float:
    try:
        return test()
    except InputError:  # the only events come when one arm is left
        return float("nan")


def main(repeats: int = 2000, seed: int = 1) -> None:
    lines = [
        "# Tests with few events",
        "",
        f"`python benchmarks/rare_events.py {repeats} {seed}`: two arms alike, {repeats} trials each; how often",
        "p < 0.05, of the trials with an event at all. A test that is not given (no finite estimate) does not reject.",
        "",
        "| patients | events expected | another cause | " + " | ".join(TESTS) + " |",
        "|" + "---|" * (len(TESTS) + 3),
    ]
    for n, share, other in SETTINGS:
        found = np.array([rejected(n, share, other, seed, repeat) for repeat in range(repeats)])
        found = found[~np.isnan(found[:, 0])]
        limit = LEVEL + 3.0 * np.sqrt(LEVEL * (1.0 - LEVEL) / len(found))
        told = [f"{100 * found[:, 0].mean():.0f} %"]
        told += [f"{100 * rate:.1f} %{'*' * int(rate > limit)}" for rate in found[:, 1:].mean(axis=0)]
        lines.append(f"| {n} | {n * share:g} | {100 * other:g} % | " + " | ".join(told) + " |")
        print(lines[-1], flush=True)
    lines += ["", "An asterisk: too often, by more than 3 Monte Carlo standard errors of 5 %."]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
