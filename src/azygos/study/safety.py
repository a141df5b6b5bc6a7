"""What was harmed, and who guessed the arm."""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from azygos.statistics.blinding import BlindingIndex, blinding_indices
from azygos.statistics.result import Interval
from azygos.study.dataset import Table
from azygos.study.question import Answer, Question, Summary

__all__ = ["adverse_events", "blinding_index"]

Item = TypeVar("Item")

BY_GRADE = (("any adverse event", 1.0), ("grade 3 or more", 3.0), ("grade 5 or more", 5.0))
SAFETY = "received"  # harms are counted by the treatment given, where that is on record


def adverse_events(question: Question) -> list[Answer]:
    """Subjects with an adverse event, by grade, serious, and by name; by treatment received where that is known.

    Shares with Clopper-Pearson intervals; between two arms the difference with Miettinen and Nurminen's. No test: a
    trial's size is not chosen for its harms, and many are looked at.
    """
    events = question.dataset.events
    adverse = events.where(events["grade"].astype(float) != 0.0)
    group = _given(question)
    answers = []
    for place, (name, which) in enumerate(_kinds(adverse)):
        rows = question.dataset.rows_of(adverse["subject"][which])
        happened = np.zeros(len(group), dtype=bool)
        happened[rows[rows >= 0]] = True
        counts = np.bincount(rows[rows >= 0], minlength=len(group))
        answers.append(_harm(question, name, happened, group, counts, place > 0))
    return answers


def _given(question: Question) -> NDArray[np.int64]:
    """The place in `names` of the arm whose treatment each subject got; -1 for none."""
    if SAFETY not in question.dataset.subjects:
        return question.group
    got = question.dataset.subjects[SAFETY]
    return np.select([got == name for name in question.names], range(len(question.names)), default=-1).astype(np.int64)


def _kinds(adverse: Table) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Each kind of adverse event looked at, and which events are of it."""
    grades = adverse["grade"].astype(float)
    for name, least in BY_GRADE:
        yield name, np.asarray(grades >= least) | (np.isnan(grades) & (least == 1.0))
    yield "serious", adverse["serious"].astype(bool)
    for name in sorted({str(event) for event in adverse["event"]}):
        yield name, np.asarray(adverse["event"] == name)


def _harm(
    question: Question, name: str, happened: NDArray[np.bool_], group: NDArray[np.int64], counts: NDArray[np.int64],
    is_aside: bool,
) -> Answer:  # fmt: skip
    from azygos.statistics.difference import risk_difference_interval
    from azygos.statistics.proportion import proportion_interval

    summaries, pairs = [], []
    for place, arm in enumerate(question.names):
        inside = group == place
        x, n, events = int(happened[inside].sum()), int(inside.sum()), int(counts[inside].sum())
        pairs.append((x, n))
        own = proportion_interval(x, n, level=question.level) if n else None
        shown = f"{x}/{n}" + (f", {events} events" if events > x else "")
        summaries.append(
            Summary(arm=arm, allocated=int(question.members(place).sum()), analysed=n, shown=shown, interval=own)
        )
    if len(pairs) == 1:
        interval = summaries[0].interval
        return Answer(
            measure=f"share with {name}", arm=question.names[0], interval=interval, null=None,
            summaries=tuple(summaries), is_aside=is_aside,
        )  # fmt: skip
    interval = None
    if len(pairs) == 2 and min(n for _, n in pairs) > 0:
        (x0, n0), (x1, n1) = _control_first(question, pairs)
        interval = risk_difference_interval(x1, n1, x0, n0, level=question.level)
    return Answer(
        measure=f"{name}: risk difference", interval=interval, summaries=tuple(_control_first(question, summaries)),
        is_aside=is_aside,
    )  # fmt: skip


def _control_first(question: Question, items: "list[Item]") -> "list[Item]":
    control = question.design.control
    return items[::-1] if control is not None and len(items) == 2 and question.names[1] == control.name else items


def blinding_index(question: Question) -> list[Answer]:
    """James's index over two arms and Bang's of each, from the column `guess`; an empty guess is "do not know"."""
    if "guess" not in question.dataset.subjects:
        return [
            Answer(measure="blinding index", null=None, remark="nobody was asked which arm they took themselves for")
        ]
    control = question.design.control
    if len(question.names) != 2 or control is None:
        return [Answer(measure="blinding index", null=None, remark="it is defined for two arms")]
    other = next(name for name in question.names if name != control.name)
    return _indices(question, other, control.name)


def _indices(question: Question, other: str, control: str) -> list[Answer]:
    guess = question.dataset.subjects["guess"]
    guesses = {
        arm: tuple(int(np.sum((question.labels == arm) & (guess == said))) for said in (other, control))
        for arm in (other, control)
    }
    full = {arm: (*g, int(np.sum(question.labels == arm)) - sum(g)) for arm, g in guesses.items()}
    found = blinding_indices(full[other], full[control], level=question.level)
    summaries = {
        arm: Summary(
            arm=arm,
            allocated=sum(g),
            analysed=sum(g),
            shown=f"guessed {other} {g[0]}, {control} {g[1]}, did not know {g[2]}",
        )
        for arm, g in full.items()
    }
    both = (summaries[control], summaries[other])
    scale = "0: as by chance, 1: all guess right, -1: all guess wrong"
    told = (
        ("James's blinding index", "", found.james, both, "0.5: as by chance, 0: all guess right, 1: nobody does"),
        ("Bang's blinding index", other, found.bang_active, (summaries[other],), scale),
        ("Bang's blinding index", control, found.bang_control, (summaries[control],), scale),
    )
    return [
        Answer(measure=measure, arm=arm, interval=_interval(index), null=None, summaries=some, remark=remark)
        for measure, arm, index, some, remark in told
    ]


def _interval(index: BlindingIndex) -> Interval:
    return Interval(
        estimate=index.estimate, lower=index.lower, upper=index.upper, level=index.level, method=index.method
    )
