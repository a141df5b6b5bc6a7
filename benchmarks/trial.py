"""Simulated studies: how fast they are, what the named ones come out as, and the calibration of their constants.

python benchmarks/trial.py speed        10 000 repeats of a survey of 89; 1 000 of a four-visit MMRM trial of 1 000
python benchmarks/trial.py studies      verdicts of all named studies: results/trial.md, a few minutes
python benchmarks/trial.py calibrate    writes src/azygos/trial/tables/calibrated.csv anew, a minute
"""

import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from scipy.stats import binom

from azygos.exchange.study import named_study, read_study
from azygos.trial.bands import checked
from azygos.trial.calibrate import as_csv, calibrate
from azygos.trial.layers.person import FORMS
from azygos.trial.run import simulate
from azygos.trial.study import packaged_names
from azygos.trial.verdict import observed_of, verdict
from azygos.trial.words import compatible, standing
from azygos.trial.world import world

ROOT = Path(__file__).parent.parent
TABLES = ROOT / "src" / "azygos" / "trial" / "tables"


def speed() -> None:
    for name, repeats, limit in (("chicago-2012", 10_000, 5.0), ("cases/studies/sham-mmrm.yaml", 1000, 180.0)):
        study = named_study(name) if name in packaged_names() else read_study(ROOT / name)
        began = time.perf_counter()
        if study.n > 500:
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as executor:
                simulate(study, 1, repeats, executor=executor)
        else:
            simulate(study, 1, repeats)
        print(f"{study.name}: {repeats} repeats in {time.perf_counter() - began:.1f} s (wanted: {limit:g} s)")


def studies() -> None:
    lines = [
        "| study | result | chance: mean | 2.5 % | 50 % | 97.5 % | before calibration | predicted | word |",
        "|" + "---|" * 9,
    ]
    notes = []
    for name in packaged_names():
        study = named_study(name)
        found = verdict(study, observed_of(study), repeats=4000)
        chance = found.chance
        low, middle, high = (f"{chance.quantile(q):.2g}" for q in (0.025, 0.5, 0.975))
        predicted = " / ".join(f"{value:.3g}" for value in found.predicted)
        lines.append(
            f"| {name} | {found.result.estimate:.3g} | {chance.mean:.3g} ± {chance.error:.2g} | {low} | {middle} | "
            f"{high} | {found.chance_before_calibration:.3g} | {predicted} | {standing(found).word} |"
        )
        notes.append(f"- {name}: {compatible(found)}")
        notes += [f"  - {one}" for one in checked(study)]
        if name == "chicago-2012":
            shares = ", ".join(
                f"{np.mean(chance.each > limit):.0%} above {limit:g}" for limit in (0.001, 0.025, 0.2, 0.5)
            )
            notes.append(f"  - of the draws of the constants: {shares}")
    text = "\n".join([*lines, "", *notes, "", *by_form(), *limits()]) + "\n"
    (ROOT / "benchmarks" / "results" / "trial.md").write_text(text, encoding="utf-8")
    print(text)


def by_form() -> list[str]:
    """Share doing well with no effect, by form of multiple sclerosis."""
    lines = []
    for name, variable in (("chicago-2012", "clearly_better"), ("albany-2012", "physical")):
        known = [world(named_study(name), 1, block) for block in range(6)]
        good = [
            one.values[variable][..., 1] > 0
            if variable == "clearly_better"
            else np.diff(one.values[variable])[..., 0] < 0
            for one in known
        ]
        shares = []
        for place, form in enumerate(FORMS):
            each = [some[one.people["form"] == place].mean() for some, one in zip(good, known, strict=True)]
            shares.append(f"{form} {np.mean(each):.3f}")
        lines.append(f"- {name} with no effect, by form: {', '.join(shares)}")
    return lines


def limits() -> list[str]:
    """How common a good outcome may be without treatment for the positive controls still to be shown."""
    lines = []
    for count, of in ((39, 42), (172, 189)):
        grid = np.linspace(0.3, 0.99, 6901)
        largest = grid[binom.sf(count - 1, of, grid) < 0.001].max()
        odds = (count + 0.5) / (of - count + 0.5) / 10.0
        median = odds / (1.0 + odds)
        lines.append(f"- {count} of {of}: shown while the 97.5 % point is below {largest:.3f}, the median {median:.3f}")
    return lines


def calibration() -> None:
    studies = tuple(named_study(name) for name in packaged_names() if named_study(name).is_calibration)
    kept, effective = calibrate(studies)
    (TABLES / "calibrated.csv").write_text(as_csv(kept), encoding="utf-8")
    print(f"effective number of draws: {effective:.0f}")
    for name, values in kept.items():
        low, middle, high = np.quantile(values, (0.025, 0.5, 0.975))
        print(f"{name}: {low:.3g} to {high:.3g}, median {middle:.3g}")


if __name__ == "__main__":
    {"speed": speed, "studies": studies, "calibrate": calibration}[sys.argv[1] if len(sys.argv) > 1 else "speed"]()
