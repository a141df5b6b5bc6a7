"""What is wrong with a design, beyond what its file's form can say."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeAlias, get_args

from azygos.errors import Problem, close_matches
from azygos.study.design import Analysis, Design, Endpoint
from azygos.study.method import HANDLINGS, METHODS

__all__ = ["Where", "problems_of_design"]

Where: TypeAlias = Callable[
    ..., str
]  # of the keys that lead to a part, such as ("arms", "sham", "weight"), to its place

UNIDENTIFIED = "principal stratum"  # who would have had the event under either treatment is not observed


def problems_of_design(design: Design, where: Where | None = None) -> list[Problem]:
    """All that contradicts itself or is not there. `where` names the place of a part; by default its own name."""
    place = where or _by_name
    return [
        *_arms(design, place),
        *_allocation(design, place),
        *_visits(design, place),
        *(problem for endpoint in design.endpoints for problem in _endpoint(design, endpoint, place)),
        *_estimands(design, place),
        *(problem for analysis in design.analyses for problem in _analysis(design, analysis, place)),
        *_size(design, place),
        *_sequential(design, place),
    ]


def _by_name(*keys: object) -> str:
    return " ".join(f"'{key}'" if number else str(key) for number, key in enumerate(keys))


def _arms(design: Design, where: Where) -> Iterator[Problem]:
    single = [arm for arm in design.arms if arm.role == "single"]
    if not design.arms:
        yield Problem("there is no arm", where("arms"), "give one of role single, or several")
    for name, many in Counter(arm.name for arm in design.arms).items():
        if many > 1:
            yield Problem(f"{many} arms are called '{name}'", where("arms"), "give each a name of its own")
    if single and len(design.arms) > 1:
        yield Problem("an arm of role single beside others", where("arms", single[0].name), "make it active")
    if len(design.arms) > 1 and design.control is None:
        yield Problem("no arm is a control", where("arms"), "give one the role sham, waiting or usual care")
    if len(design.arms) > 1 and design.control is not None and all(arm.is_control for arm in design.arms):
        yield Problem("every arm is a control", where("arms"), "give one the role active")
    if design.kind == "sham-controlled" and not any(arm.role == "sham" for arm in design.arms):
        yield Problem("a sham-controlled study without an arm of role sham", where("kind"), "give it one")
    if design.kind == "wait-list" and not any(arm.role == "waiting" for arm in design.arms):
        remedy = "give it one, or call a study of one arm a registry"
        yield Problem("a wait-list study without an arm of role waiting", where("kind"), remedy)
    for arm in design.arms:
        if not arm.weight > 0.0:
            yield Problem(
                f"arm '{arm.name}': weight {arm.weight:g} is not above zero", where("arms", arm.name, "weight")
            )


def _allocation(design: Design, where: Where) -> Iterator[Problem]:
    allocation = design.allocation
    if allocation.is_random and len(design.arms) < 2:
        yield Problem("one arm cannot be allocated at random", where("allocation"), "set its method to none")
    if allocation.method == "blocks" and not allocation.block_sizes:
        yield Problem("blocks without sizes", where("allocation"), "give block_sizes, such as [4, 6]")
    if allocation.method == "minimisation" and not allocation.strata:
        yield Problem("minimisation without strata", where("allocation"), "name the columns to balance")
    total = sum(arm.weight for arm in design.arms)
    for size in allocation.block_sizes:
        shares = [size * arm.weight / total for arm in design.arms] if total > 0.0 else []
        if size < 1 or any(abs(share - round(share)) > 1e-9 for share in shares):
            what = f"a block of {size} cannot hold the arms in their ratio"
            weights = ":".join(f"{arm.weight:g}" for arm in design.arms)
            yield Problem(what, where("allocation", "block_sizes"), f"the ratio is {weights}")
    if design.blinding.participants and any(arm.role in ("waiting", "single") for arm in design.arms):
        yield Problem("participants who wait, or are all treated, know it", where("blinding", "participants"), "say no")


def _visits(design: Design, where: Where) -> Iterator[Problem]:
    for day, many in Counter(visit.day for visit in design.visits).items():
        if many > 1:
            names = [visit.name for visit in design.visits if visit.day == day]
            yield Problem(f"visits {' and '.join(names)} on the same day", where("visits", names[-1], "day"))
    for visit in design.visits:
        if visit.window < 0.0:
            yield Problem(f"visit '{visit.name}': window below zero", where("visits", visit.name, "window"))
    if not design.visits:
        yield Problem("there is no visit", where("visits"), "give at least the one at which outcomes are collected")


def _endpoint(design: Design, endpoint: Endpoint, where: Where) -> Iterator[Problem]:
    name, here = f"endpoint '{endpoint.name}'", ("endpoints", endpoint.name)
    low, high = endpoint.limits
    visits = [visit.name for visit in design.visits]
    if endpoint.visit and endpoint.visit not in visits:
        yield Problem(
            f"{name}: no visit '{endpoint.visit}'", where(*here, "visit"), close_matches(endpoint.visit, visits)
        )
    if not low < high:
        yield Problem(f"{name}: the limits {low:g} and {high:g} leave nothing between", where(*here, "limits"))
    if endpoint.change and design.baseline is None:
        yield Problem(f"{name}: a change, but there is no visit at day 0 or before", where(*here, "change"), "add one")
    if endpoint.change and endpoint.kind in ("time to event", "count"):
        yield Problem(f"{name}: a {endpoint.kind} has no change from baseline", where(*here, "change"), "leave it out")
    if endpoint.responder is not None and endpoint.kind != "binary":
        remedy = "make the endpoint binary, or leave the responder out"
        yield Problem(f"{name}: a responder of a {endpoint.kind} endpoint", where(*here, "responder"), remedy)
    if endpoint.competing and endpoint.kind != "time to event":
        yield Problem(f"{name}: competing events of a {endpoint.kind} endpoint", where(*here, "competing"), "leave out")


def _estimands(design: Design, where: Where) -> Iterator[Problem]:
    for estimand in design.estimands:
        for event, strategy in estimand.intercurrent:
            if strategy == UNIDENTIFIED:
                what = f"estimand '{estimand.name}': no analysis here can find a principal stratum"
                yield Problem(what, where("estimands", estimand.name, "intercurrent", event), "choose another strategy")


def _analysis(design: Design, analysis: Analysis, where: Where) -> Iterator[Problem]:
    name, here = f"analysis '{analysis.name}'", ("analyses", analysis.name)
    method = METHODS.get(analysis.method)
    endpoints = {endpoint.name: endpoint for endpoint in design.endpoints}
    endpoint = endpoints.get(analysis.endpoint)
    visits = [visit.name for visit in design.visits]
    if method is None:
        yield Problem(
            f"{name}: no method '{analysis.method}'", where(*here, "method"), close_matches(analysis.method, METHODS)
        )
    elif method.arms == 2 and len(design.arms) < 2:
        remedy = "a study of one arm can only describe: proportion, mean, kaplan-meier"
        yield Problem(f"{name}: {method.name} compares arms, and there is one", where(*here, "method"), remedy)
    if method is not None and method.kinds and not analysis.endpoint:
        yield Problem(f"{name}: 'endpoint' is missing", where(*here), "name one")
    if analysis.endpoint and endpoint is None:
        yield Problem(
            f"{name}: no endpoint '{analysis.endpoint}'",
            where(*here, "endpoint"),
            close_matches(analysis.endpoint, endpoints),
        )
    if method is not None and endpoint is not None:
        yield from _suits(name, analysis, endpoint, where, here)
    if analysis.visit and analysis.visit not in visits:
        yield Problem(
            f"{name}: no visit '{analysis.visit}'", where(*here, "visit"), close_matches(analysis.visit, visits)
        )
    estimands = [estimand.name for estimand in design.estimands]
    if analysis.estimand and analysis.estimand not in estimands:
        remedy = close_matches(analysis.estimand, estimands)
        yield Problem(f"{name}: no estimand '{analysis.estimand}'", where(*here, "estimand"), remedy)
    if not 0.5 <= analysis.level < 1.0:
        yield Problem(
            f"{name}: a level of {analysis.level:g}", where(*here, "level"), "give it from 50 % to below 100 %"
        )


def _suits(name: str, analysis: Analysis, endpoint: Endpoint, where: Where, here: tuple[str, ...]) -> Iterator[Problem]:
    method = METHODS[analysis.method]
    if method.kinds and endpoint.kind not in method.kinds:
        fit = [other.name for other in METHODS.values() if endpoint.kind in other.kinds]
        what = f"{name}: {method.name} is not for a {endpoint.kind} endpoint"
        yield Problem(what, where(*here, "method"), f"one of {', '.join(fit)}")
    if analysis.interval and analysis.interval not in method.known_intervals:
        known = method.known_intervals
        remedy = close_matches(analysis.interval, known) if known else "it has one only: leave it out"
        yield Problem(f"{name}: {method.name} has no interval '{analysis.interval}'", where(*here, "interval"), remedy)
    if method.needs == "covariates" and not analysis.covariates:
        yield Problem(f"{name}: {method.name} needs its strata", where(*here), "name them as covariates")
    if method.needs == "competing" and not endpoint.competing:
        yield Problem(f"{name}: {method.name} needs competing events", where(*here), "name them at the endpoint")
    for key, word in (("missing", analysis.missing), *(("sensitivity", word) for word in analysis.sensitivity)):
        handling = HANDLINGS.get(word)
        if handling is None:
            remedy = close_matches(word, HANDLINGS)
            yield Problem(f"{name}: missing values cannot be dealt with as '{word}'", where(*here, key), remedy)
        elif (handling.kinds and endpoint.kind not in handling.kinds) or (
            handling.methods and method.name not in handling.methods
        ):
            goes = ", ".join(handling.methods or handling.kinds)
            yield Problem(f"{name}: '{word}' does not go with {method.name}", where(*here, key), f"it goes with {goes}")


def _size(design: Design, where: Where) -> Iterator[Problem]:
    size = design.size
    if size.n is not None and size.n < 1:
        yield Problem(f"a size of {size.n}", where("size", "n"), "give at least 1")
    if size.power is not None and not 0.0 < size.power < 1.0:
        yield Problem(f"a power of {size.power:g}", where("size", "power"), "give it between 0 and 1, such as 0.9")
    if size.n is None and size.power is not None:
        wanted = {"means": ("effect", "sd"), "proportions": ("effect", "control"), "survival": ("effect",)}[size.method]
        absent = [key for key in wanted if getattr(size, key) is None]
        if absent:
            yield Problem(f"a size for {size.method} needs {' and '.join(absent)}", where("size"), "give them")


def _sequential(design: Design, where: Where) -> Iterator[Problem]:
    from azygos.statistics.sequential import Futility, Spending

    if (plan := design.sequential) is not None:
        for key, word, known in (
            ("spending", plan.spending, get_args(Spending)),
            ("futility", plan.futility, ("", *get_args(Futility))),
        ):
            if word not in known:
                yield Problem(f"no {key} '{word}'", where("sequential", key), close_matches(word, filter(None, known)))
        if not 0.0 < plan.alpha < 0.5 * plan.sided:
            yield Problem(f"an alpha of {plan.alpha:g}", where("sequential", "alpha"), "such as 0.05")
        if plan.futility and plan.sided == 2:
            remedy = "say sided: 1, and give alpha half as large"
            yield Problem("bounds for futility go with one side", where("sequential", "futility"), remedy)
        if plan.futility and design.size.power is None:
            what = "bounds for futility spend what the power leaves, and there is none"
            yield Problem(what, where("sequential", "futility"), "give one in 'size', such as power: 90 %")
        elif plan.futility and not (design.size.power or 0.0) > plan.alpha:
            yield Problem("a power not above alpha", where("size", "power"), "give it such as 0.9")
    looks = design.sequential.looks if design.sequential else ()
    rising = all(a < b for a, b in zip((0.0, *looks), looks, strict=False))
    if design.sequential and not (rising and looks and abs(looks[-1] - 1.0) < 1e-9):
        yield Problem("looks must rise from above 0 to 1", where("sequential", "looks"), "such as [0.5, 1]")
    if design.kind == "group-sequential" and design.sequential is None:
        yield Problem("a group-sequential study without looks", where("kind"), "give 'sequential: {looks: [0.5, 1]}'")
