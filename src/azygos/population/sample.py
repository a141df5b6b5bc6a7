"""Patient number so many of a cohort: the same whoever asks, alone or among a million."""

from collections.abc import Iterator
from dataclasses import dataclass

from azygos.body.body import Body
from azygos.body.lesion import Stenosis
from azygos.body.parameter import DIAMETER
from azygos.body.person import Person
from azygos.body.recipe import Recipe
from azygos.body.reference import kinds
from azygos.body.variant import problems_with, variants
from azygos.population.cohort import Cohort, LesionRecipe
from azygos.population.distribution import chosen, drawn
from azygos.rng import stream

__all__ = ["Sample", "sample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A person as drawn; `body()` is what it takes time to make."""

    number: int
    recipe: Recipe
    lesions: tuple[Stenosis, ...]

    def body(self) -> Body:
        """The body, lying. Raises InputError for one that cannot be."""
        made = Body.made(self.recipe, f"patient {self.number}")
        return made.with_lesion(*self.lesions) if self.lesions else made


def sample(cohort: Cohort, number: int) -> Sample:
    """The person of this number. Each quantity has a stream of its own: a lesion more in the file moves no age.

    A variant that is at odds with one drawn before it is left out, and so is what would be in a vessel that is absent.
    """
    names = tuple(_variants(cohort, number))
    absent = {part for name in names for change, part, _ in variants()[name].changes if change == "absent"}
    return Sample(
        number=number,
        recipe=Recipe(
            person=_person(cohort, number),
            variants=names,
            parameters=dict(_factors(cohort, number, absent)),
        ),
        lesions=tuple(_lesions(cohort, number, absent)),
    )


def _person(cohort: Cohort, number: int) -> Person:
    persons, names = cohort.persons, (cohort.seed, "patient", number)
    sex = "female" if stream(*names, "sex").random() < persons.female else "male"
    height = drawn(persons.height[sex], stream(*names, "height"))
    return Person(sex=sex, height=height, age=drawn(persons.age, stream(*names, "age")))


def _variants(cohort: Cohort, number: int) -> Iterator[str]:
    taken: list[str] = []
    for group in cohort.variants:
        u = float(stream(cohort.seed, "patient", number, "variant", *group.of).random())
        name = chosen(group.of, u)
        if name and not problems_with([*taken, name]):
            taken.append(name)
            yield name


def _factors(cohort: Cohort, number: int, absent: set[str]) -> Iterator[tuple[str, float]]:
    for name, distribution in cohort.parameters.items():
        if not name.endswith(DIAMETER) or name.removesuffix(DIAMETER) not in absent:
            yield name, drawn(distribution, stream(cohort.seed, "patient", number, "parameter", name))


def _lesions(cohort: Cohort, number: int, absent: set[str]) -> Iterator[Stenosis]:
    for recipe in cohort.lesions:
        rng = stream(cohort.seed, "patient", number, "lesion", str(recipe.site))
        has, which, length, taken, pressure = (float(u) for u in rng.random(5))
        if has < recipe.prevalence and recipe.site.vessel not in absent:
            yield _lesion(recipe, which, length, taken, pressure)


def _lesion(recipe: LesionRecipe, which: float, length: float, taken: float, pressure: float) -> Stenosis:
    shares = {kind: one.share for kind, one in recipe.kinds.items()}
    kind = chosen(shares, which * sum(shares.values()))
    of = recipe.kinds[kind]
    assert recipe.site.vessel in kinds()
    return Stenosis(
        vessel=recipe.site.vessel,
        narrowing=of.taken.quantile(taken) if of.taken else 0.0,
        at=recipe.site.fraction,
        length=of.length.quantile(length),
        pressure=of.pressure.quantile(pressure) if of.pressure else 0.0,
        kind=kind,
    )
