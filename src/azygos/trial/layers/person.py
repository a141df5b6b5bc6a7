"""Layer 0, who comes: MS form, EDSS, age, and the level of each symptom score; and who is let in.

Patients are screened in waves until every repeat of the study has as many as it needs.

    score = level + slope (EDSS - 4) + between,      slope = r SD / SD(EDSS)

with r the correlation of score and EDSS, SD the score's and SD(EDSS) = 2 (Markowitz, IJMSC 2008;10:33). What of the
score's variance neither the EDSS nor fluctuation nor error of measurement takes is between persons.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem
from azygos.study.eligibility import eligible
from azygos.trial.draws import Draws
from azygos.trial.prior import Constants
from azygos.trial.study import Study

__all__ = ["FORMS", "SCORES", "Form", "People", "observed_edss", "recruit", "sd_of"]

Floats: TypeAlias = NDArray[np.float64]
Traits: TypeAlias = Mapping[str, Floats]  # [repeat, person]

SCORES = ("physical", "mental")
EDSS_SD = 2.0  # in a clinic of all forms: Markowitz, IJMSC 2008;10:33
MOST_WAVES = 20
RATER_SD = 0.137  # EDSS; two raters with this error and steps of 0.5 agree in 69 %: 1 - E|D|/0.5, D the difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of multiple sclerosis."""

    name: str
    edss_mean: float
    edss_sd: float
    is_progressive: bool
    age_mean: float
    age_sd: float
    years_mean: float  # since diagnosis
    source: str


@cache
def forms() -> tuple[Form, ...]:
    text = resources.files("azygos.trial").joinpath("tables/forms.csv").read_text(encoding="utf-8")
    numbers = ("edss_mean", "edss_sd", "age_mean", "age_sd", "years_mean")
    return tuple(
        Form(
            name=row["form"],
            is_progressive=row["is_progressive"] == "yes",
            source=row["source"],
            **{key: float(row[key]) for key in numbers},
        )
        for row in csv.DictReader(text.splitlines())
    )


FORMS: Mapping[str, Form] = MappingProxyType({form.name: form for form in forms()})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class People:
    """Those who were let in."""

    traits: Traits
    screened: NDArray[np.int64]  # [repeat] how many were looked at

    def __getitem__(self, name: str) -> Floats:
        return self.traits[name]

    @property
    def form(self) -> NDArray[np.str_]:
        return np.asarray(np.array(list(FORMS))[self["form"].astype(int)], dtype=str)


def sd_of(constants: Constants, score: str) -> dict[str, Floats]:
    """Standard deviations [repeat] of a score: of `noise`, `fluctuation`, `edss` and `between` persons, in points."""
    total = constants["score_sd"]
    reliability = constants[f"reliability_{score}"]
    # A low persistence months apart is noise and fluctuation together; what noise takes is not fluctuation.
    wandering = np.maximum(reliability - constants["persistence"], 0.0)
    edss = constants[f"edss_{score}"]
    rest = np.maximum(1.0 - edss**2 - (1.0 - reliability) - wandering, 0.0)
    return {
        "noise": total * np.sqrt(1.0 - reliability),
        "fluctuation": total * np.sqrt(wandering),
        "edss": total * edss,
        "between": total * np.sqrt(rest),
    }


def observed_edss(latent: Floats, error: Floats) -> Floats:
    """The EDSS that a rater gives: in steps of a half, without 0.5, from 0 to 9.5 in the living."""
    steps = np.round(2.0 * (latent + error)) / 2.0
    return np.where(steps == 0.5, 1.0, steps).clip(0.0, 9.5)


def recruit(study: Study, draws: Draws, constants: Constants, repeats: int) -> People:
    """As many as the study has, in every repeat. Raises InputError where hardly anybody is eligible."""
    n = study.n
    waves = [_wave(study, draws, constants, repeats, n, 0)]
    if not study.design.eligibility:
        return People(traits=waves[0], screened=np.full(repeats, n))
    while True:
        pool = {name: np.concatenate([wave[name] for wave in waves], axis=1) for name in waves[0]}
        is_in = _eligible(study, pool)
        if is_in.sum(axis=1).min() >= n:
            first = np.argsort(~is_in, axis=1, kind="stable")[:, :n]
            chosen = {name: np.take_along_axis(values, first, axis=1) for name, values in pool.items()}
            return People(traits=chosen, screened=first[:, -1] + 1)
        if len(waves) == MOST_WAVES:
            share = 100.0 * is_in.mean()
            what = f"the rules of eligibility let in {share:.2g} % of those who come"
            raise InputError(Problem(what, study.name, "loosen them, or change who comes"))
        waves.append(_wave(study, draws, constants, repeats, n, len(waves)))


def _eligible(study: Study, pool: Traits) -> NDArray[np.bool_]:
    shape = pool["form"].shape
    columns = {name: values.ravel() for name, values in pool.items()}
    columns["form"] = np.array(list(FORMS))[columns["form"].astype(int)]
    columns["sex"] = np.where(columns["is_woman"] > 0, "F", "M")
    return np.asarray(eligible(study.design.eligibility, columns)).reshape(shape)


def _wave(study: Study, draws: Draws, constants: Constants, repeats: int, n: int, wave: int) -> dict[str, Floats]:
    """Traits of the next n who come, named in lower case as rules of eligibility name them; z_... are hidden."""

    def normal(name: str) -> Floats:
        return draws.of("person", name, wave).standard_normal((repeats, n))

    of = list(FORMS.values())
    shares = np.array([study.patients.forms.get(form.name, 0.0) for form in of])
    uniform = draws.of("person", "form", wave).random((repeats, n))
    form = np.searchsorted(np.cumsum(shares / shares.sum())[:-1], uniform)
    each = {
        key: np.array([getattr(one, key) for one in of])[form] for key in ("edss_mean", "edss_sd", "age_mean", "age_sd")
    }
    latent = (each["edss_mean"] + each["edss_sd"] * normal("edss")).clip(0.0, 9.0)
    error = RATER_SD * normal("edss rater") * study.has("noise")
    years = draws.of("person", "years", wave).exponential(np.array([one.years_mean for one in of])[form])
    found = {
        "form": form.astype(float),
        "is_progressive": np.array([float(one.is_progressive) for one in of])[form],
        "edss_latent": latent,
        "edss": observed_edss(latent, error) if study.has("scale") else latent + error,
        "age": (each["age_mean"] + each["age_sd"] * normal("age")).clip(18.0, 85.0),
        "years": years,
        "is_woman": (draws.of("person", "sex", wave).random((repeats, n)) < study.patients.women).astype(float),
        "centre": draws.of("person", "centre", wave).integers(0, study.patients.centres, (repeats, n)).astype(float),
        "z_time": normal("time") + (constants["seeking"][:, None] if study.has("selection") else 0.0),
    }
    shared, together = normal("level"), np.sqrt(constants["scores_together"])[:, None]
    for score in SCORES:
        sd = {name: value[:, None] for name, value in sd_of(constants, score).items()}
        own = together * shared + np.sqrt(1.0 - together**2) * normal(f"{score} level")
        level = constants[f"{score}_level"][:, None] + sd["edss"] * (latent - 4.0) / EDSS_SD + sd["between"] * own
        found[f"{score}_level"] = level
        found[f"z_{score}"] = normal(f"{score} noise")
        now = level + sd["fluctuation"] * found["z_time"] * study.has("fluctuation")
        found[score] = now + sd["noise"] * found[f"z_{score}"] * study.has("noise")
    return found
