"""Risk of bias of a study's primary result, judged from its design and its missing values by stated rules.

Randomised studies by the five domains of RoB 2 (Sterne 2019, BMJ 366:l4898), others by the seven of ROBINS-I (Sterne
2016, BMJ 355:i4919). Those tools ask a reader of the whole report; here a rule reads the design alone, so a judgement
is a floor: a reader may find more, hardly less. Words are those of the tools.

Missing outcomes: up to 5 % are little, above 20 % much, as is a difference of more than 10 percentage points between
arms (5 and 20: Schulz and Grimes 2002, Lancet 359:781; 10: assumed).
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from azygos.study.design import Design, Endpoint
from azygos.study.flow import Flow

__all__ = ["Judgement", "Level", "risk_of_bias"]

Level: TypeAlias = Literal["low", "some concerns", "high", "moderate", "serious", "critical", "no information"]

LITTLE, MUCH, UNEQUAL = 0.05, 0.20, 0.10  # shares missing
CROSSED = 0.05  # share that got another treatment than allocated. assumed
SEVERAL = 3  # domains with some concerns that make a study one of high risk. assumed; RoB 2 says "multiple"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One domain."""

    domain: str
    level: Level
    reason: str


def risk_of_bias(
    design: Design, flow: Flow, endpoint: Endpoint | None, lacking: tuple[tuple[int, int], ...]
) -> tuple[Judgement, ...]:
    """The domains in the tool's order, and overall last.

    `endpoint` is that of the primary analysis, `lacking` how many of how many of each arm have no value of it.
    """
    judge = _randomised if design.is_randomised else _other
    return judge(design, flow, endpoint, lacking)


def _randomised(
    design: Design, flow: Flow, endpoint: Endpoint | None, lacking: tuple[tuple[int, int], ...]
) -> tuple[Judgement, ...]:
    domains = (
        _process(design),
        _deviations(design, flow),
        _missing(lacking),
        _measurement(design, endpoint),
        _selection(design),
    )
    concerns = sum(one.level in ("some concerns", "no information") for one in domains)
    overall: Level = "high"
    if any(one.level == "high" for one in domains):
        reason = "a domain at high risk"
    elif concerns >= SEVERAL:
        reason = f"some concerns in {concerns} domains"
    else:
        overall = "some concerns" if concerns else "low"
        reason = f"some concerns in {concerns} domain{'s' if concerns > 1 else ''}" if concerns else "every domain low"
    return (*domains, Judgement(domain="overall", level=overall, reason=reason))


def _process(design: Design) -> Judgement:
    level: Level = "some concerns"
    reason = "allocated at random; whether concealed from those who enrol is not said"
    if design.allocation.concealed is not None:
        concealed = design.allocation.concealed
        level = "low" if concealed else "high"
        reason = f"allocated at random ({design.allocation.method}), {'' if concealed else 'not '}concealed"
    return Judgement(domain="randomisation process", level=level, reason=reason)


def _deviations(design: Design, flow: Flow) -> Judgement:
    allocated = sum(arm.allocated for arm in flow.arms)
    known = [arm for arm in flow.arms if arm.received is not None]
    crossed = sum(arm.allocated - (arm.received or 0) for arm in known)
    if known and allocated and crossed / allocated > CROSSED:
        reason = f"{crossed} of {allocated} did not get what they were allocated to"
        return Judgement(domain="deviations from intended interventions", level="high", reason=reason)
    blind = design.blinding.participants
    reason = "participants did not know their arm" if blind else "participants knew their arm"
    level: Level = "low" if blind else "some concerns"
    return Judgement(domain="deviations from intended interventions", level=level, reason=reason)


def _missing(lacking: tuple[tuple[int, int], ...]) -> Judgement:
    shares = [without / allocated for without, allocated in lacking if allocated]
    without, allocated = sum(one[0] for one in lacking), sum(one[1] for one in lacking)
    overall = without / allocated if allocated else 1.0
    told = f"{without} of {allocated} without the outcome"
    apart = max(shares) - min(shares) if shares else 0.0
    level: Level = "low" if overall <= LITTLE else "high" if overall > MUCH or apart > UNEQUAL else "some concerns"
    if len(shares) > 1 and apart > LITTLE:
        told += f", by arm {' and '.join(f'{100 * share:.0f} %' for share in shares)}"
    return Judgement(domain="missing outcome data", level=level, reason=told)


def _measurement(design: Design, endpoint: Endpoint | None) -> Judgement:
    domain = "measurement of the outcome"
    if endpoint is None:
        return Judgement(domain=domain, level="no information", reason="no primary endpoint is named")
    match endpoint.rated_by:
        case "instrument" | "record":
            return Judgement(
                domain=domain, level="low", reason=f"taken from an {endpoint.rated_by}".replace("an r", "a r")
            )
        case "assessor":
            knows = not design.blinding.assessors
        case _:
            knows = not design.blinding.participants
    level: Level = "high" if knows else "low"
    return Judgement(
        domain=domain, level=level, reason=f"rated by the {endpoint.rated_by}, who {_knows(knows)} the arm"
    )


def _knows(knows: bool) -> str:
    return "knew" if knows else "did not know"


def _selection(design: Design) -> Judgement:
    domain = "selection of the reported result"
    if design.registration:
        return Judgement(domain=domain, level="low", reason=f"protocol registered: {design.registration}")
    return Judgement(domain=domain, level="some concerns", reason="no registration of the protocol is named")


def _other(
    design: Design, flow: Flow, endpoint: Endpoint | None, lacking: tuple[tuple[int, int], ...]
) -> tuple[Judgement, ...]:
    alone = len(design.arms) == 1
    measured, missing = _measurement(design, endpoint), _missing(lacking)
    survey = design.kind == "open-label survey"
    domains = (
        Judgement(
            domain="confounding",
            level="critical" if alone else "serious",
            reason="nobody to compare with: time and treatment cannot be told apart" if alone
            else "arms were not allocated at random",
        ),
        Judgement(
            domain="selection of participants",
            level="serious" if survey else "moderate",
            reason="who is asked was chosen after treatment" if survey else "enrolled as they came",
        ),
        Judgement(domain="classification of interventions", level="low", reason="the treatment is on record"),
        Judgement(
            domain="deviations from intended interventions",
            level="low" if design.blinding.participants else "moderate",
            reason=f"participants {_knows(not design.blinding.participants)} what they got",
        ),
        Judgement(domain="missing data", level=_OTHER[missing.level], reason=missing.reason),
        Judgement(domain="measurement of outcomes", level=_OTHER[measured.level], reason=measured.reason),
        Judgement(
            domain="selection of the reported result",
            level="low" if design.registration else "moderate",
            reason=_selection(design).reason,
        ),
    )  # fmt: skip
    worst = max(domains, key=lambda one: _ORDER.index(one.level))
    return (*domains, Judgement(domain="overall", level=worst.level, reason=f"as the worst domain, {worst.domain}"))


_ORDER: tuple[Level, ...] = ("low", "no information", "moderate", "serious", "critical")
_OTHER: dict[Level, Level] = {
    "low": "low", "some concerns": "moderate", "high": "serious", "no information": "no information",
}  # fmt: skip
