"""What a result may be said to mean, by a stated rule: the words follow from the design and the numbers.

| design | interval | sentence |
|---|---|---|
| one arm | any | "Of the n with a value and m counted as ..."; never that the treatment did it |
| several arms, not at random | any | the arms differ, or not shown to; the difference is not called an effect |
| at random | without the null | the arms differ by more than chance; called an effect of being allocated |
| at random | with the null | not shown to differ; the interval says what is still possible |

| any, other handling of missing values | any | what would have been found |

To an effect is added, where those who rated the outcome knew the arm, that expectation is not excluded.
"""

import numpy as np

from azygos.statistics.result import Interval
from azygos.study.design import Design, Endpoint
from azygos.study.flow import STAND_INS
from azygos.study.method import HANDLINGS
from azygos.study.question import Answer, Question

__all__ = ["amount", "answer_of", "sentence", "what_if", "with_interval"]

SHARES = ("proportion", "kaplan-meier", "cumulative incidence")  # methods whose estimate is a share,
SCORES = ("mean", "t-test", "ancova", "mmrm")  # and those in which it has the unit of the endpoint


def amount(value: float, answer: Answer) -> str:
    """A number of an answer with its unit: shares in per cent, differences of shares in percentage points."""
    if answer.measure.startswith(("share", "cumulative")):
        return f"{100.0 * value:.1f} %"
    if answer.measure.endswith("risk difference"):
        return f"{100.0 * value:.1f} percentage points"
    return f"{value:.3g}" if answer.unit == "1" else f"{value:.3g} {answer.unit}"


def answer_of(design: Design, analysis: str) -> Answer:
    """An answer of the kind that a planned analysis gives, for the unit of its numbers."""
    plan = next(one for one in design.analyses if one.name == analysis)
    unit = design.endpoint(plan.endpoint).unit if plan.method in SCORES else "days" if plan.method == "rmst" else "1"
    return Answer(measure="share" if plan.method in SHARES else plan.method, unit=unit)


def with_interval(answer: Answer, interval: Interval) -> str:
    """Such as `3.2 points (95 % interval -1.0 to 7.4)`."""
    bounds = " to ".join(amount(bound, answer).split(" ", 1)[0] for bound in (interval.lower, interval.upper))
    return f"{amount(interval.estimate, answer)} ({100 * interval.level:g} % interval {bounds})"


def sentence(question: Question, answer: Answer) -> str:
    """One sentence or two on what an answer says."""
    design, endpoint, interval = question.design, question.endpoint, answer.interval
    name = _name(question, answer)
    if interval is None:
        p = f"{answer.measure}, p = {answer.test.p:.2g}. " if answer.test else ""
        return f"{name}: {p}{answer.remark}".rstrip(" .") + "." if p or answer.remark else ""
    if answer.null is None:
        return _alone(question, answer, name, interval)
    head = f"{name}: {answer.measure} {with_interval(answer, interval)}, {_arms(answer)}"
    p = f", p = {answer.test.p:.2g}" if answer.test else ""
    if not _differs(answer, interval):
        return f"{head}{p}. Not shown to differ; anything within the interval remains compatible with the data."
    better = _better(answer, interval, endpoint)
    if not design.is_randomised:
        return (
            f"{head}{p}. The arms differ{better}; they were not allocated at random, so this is no effect of treatment."
        )
    caution = _caution(design, endpoint)
    return f"{head}{p}. The arms differ by more than chance allows{better}: an effect of being allocated{caution}."


def what_if(question: Question, answer: Answer, handling: str) -> str:
    """A sensitivity analysis in words: what would have been found, never what is."""
    interval = answer.interval
    if interval is None:
        return sentence(question, answer)
    says = HANDLINGS[handling].says
    says = says if len(question.names) > 1 else says.partition(", in the control arm")[0]
    told = f"{_name(question, answer)}, were it so that {says}: "
    told += f"{answer.measure} {with_interval(answer, interval)}"
    if answer.null is None:
        return f"{told}{_in_arm(question.design, answer)}."
    better = _better(answer, interval, question.endpoint) if _differs(answer, interval) else ""
    return f"{told}. The arms would {'differ' if _differs(answer, interval) else 'not be shown to differ'}{better}."


def _name(question: Question, answer: Answer) -> str:
    name = question.endpoint.name if question.endpoint else question.analysis.name
    return f"{name}, {answer.visit}" if answer.visit else name


def _differs(answer: Answer, interval: Interval) -> bool:
    return answer.null is not None and not interval.lower <= answer.null <= interval.upper


def _alone(question: Question, answer: Answer, name: str, interval: Interval) -> str:
    design = question.design
    analysed, allocated = (sum(getattr(one, key) for one in answer.summaries) for key in ("analysed", "allocated"))
    asked = f"{allocated} {'enrolled' if len(design.arms) == 1 else 'allocated'}"
    filled = _filled(question, answer, analysed)
    told = f"Of the {analysed - filled} with a value"
    told += f" and {filled} {STAND_INS.get(question.analysis.missing, 'imputed')}" if filled else ""
    told += f" ({asked}{_in_arm(design, answer)}), {name}: {answer.measure} "
    told += with_interval(answer, interval) + (f" ({answer.remark})." if answer.remark else ".")
    return told + (
        " There is no comparison, so this says nothing about what caused it." if len(design.arms) == 1 else ""
    )


def _filled(question: Question, answer: Answer, analysed: int) -> int:
    """How many were analysed without a value of their own."""
    if not len(question.values):
        return 0
    of_arms = np.isin(question.labels, [summary.arm for summary in answer.summaries])
    return max(0, analysed - int(np.sum(question.observed & of_arms)))


def _in_arm(design: Design, answer: Answer) -> str:
    return f" to {answer.arm}" if len(design.arms) > 1 and answer.arm else ""


def _arms(answer: Answer) -> str:
    names = [summary.arm for summary in answer.summaries]
    return f"{names[1]} against {names[0]}" if len(names) == 2 else ", ".join(names)


def _better(answer: Answer, interval: Interval, endpoint: Endpoint | None) -> str:
    """Who did better, where the endpoint says what is good."""
    if endpoint is None or len(answer.summaries) != 2 or answer.null is None:
        return ""
    is_more = interval.estimate > answer.null
    if answer.measure.startswith(("difference of mean times", "difference of restricted")):
        is_more = not is_more  # longer without the event is less of it
    winner = answer.summaries[1 if is_more == endpoint.is_better_high else 0].arm
    return f", {winner} better"


def _caution(design: Design, endpoint: Endpoint | None) -> str:
    if endpoint is None or endpoint.rated_by in ("instrument", "record"):
        return ""
    blinded = design.blinding.assessors if endpoint.rated_by == "assessor" else design.blinding.participants
    return "" if blinded else f". The {endpoint.rated_by} who rated it knew the arm, so expectation is not excluded"
