"""A patient whose lesions the program keeps to itself: drawn from a cohort, found with instruments, then revealed."""

from functools import lru_cache
from itertools import count

from azygos.exchange.cohort import named_cohort
from azygos.population.cohort import Cohort
from azygos.population.sample import Sample, sample

__all__ = ["hidden"]

_named = lru_cache(maxsize=8)(named_cohort)


@lru_cache(maxsize=64)
def hidden(cohort: str, number: int) -> Sample:
    """The first person of a cohort from this number on who has a lesion. Raises InputError for no such cohort."""
    found: Cohort = _named(cohort)
    return next(one for one in (sample(found, n) for n in count(number)) if one.lesions)
