"""What the file of a study says, in words that need no file format, and each with its source where it has one."""

from typing import Any

from azygos.study.design import Design, Visit
from azygos.trial.study import LAYERS, Study
from azygos.web.study_figures import constant_cells, published_figure

__all__ = ["listed", "told"]

MONTH = 365.25 / 12.0


def listed(study: Study) -> dict[str, Any]:
    """A study in a list to choose from."""
    return {"name": study.name, "title": study.design.title, "kind": study.design.kind, "n": study.n,
            "effects": dict(study.disease.effects), "effect_axis": study.disease.effect_axis,
            "calibration": study.is_calibration}  # fmt: skip


def told(study: Study) -> dict[str, Any]:
    """All that the file says: sections of rows, what was published, the constants that are not known."""
    design = study.design
    return listed(study) | {
        "randomised": design.is_randomised,
        "blinding": [who for who in ("participants", "assessors", "analysts") if getattr(design.blinding, who)],
        "allocation": design.allocation.method,
        "off": sorted(study.off),
        "sections": [{"title": title, "rows": rows} for title, rows in _sections(study) if rows],
        "published": [published_figure(design, one) for one in study.published],
        "constants": constant_cells(study),
        "bands": [
            [", ".join(filter(None, (b.analysis, b.arm))), b.what, f"{b.low:g} to {b.high:g}", b.written]
            for b in study.bands
        ],
        "layers": [{"name": name, "on": name not in study.off, "what": what} for name, what in LAYERS.items()],
        "sources": list(design.sources),
    }


def _sections(study: Study) -> list[tuple[str, list[list[str]]]]:
    design = study.design
    arms = [[arm.name, f"{arm.role}{f': {arm.gets}' if arm.gets else ''}"] for arm in design.arms]
    visits = [[visit.name, _when(visit)] for visit in design.visits]
    plans = [[plan.name, _plan(plan.method, plan.endpoint, plan.role, plan.missing)] for plan in design.analyses]
    return [
        ("Who", _who(study)),
        ("What they get", arms),
        ("How they come to it", _how(design)),
        ("When they are asked", [*visits, *([["", design.answered]] if design.answered else [])]),
        ("What counts", [[one.name, _endpoint(design, one.name)] for one in design.endpoints]),
        ("How it is analysed", plans),
        ("The question", [[one.name, f"{one.summary} of {one.variable}; {one.treatment}"] for one in design.estimands]),
    ]


def _who(study: Study) -> list[list[str]]:
    people = study.patients
    total = sum(people.forms.values())
    forms = ", ".join(f"{100 * share / total:.0f} % {form}" for form, share in people.forms.items() if share)
    rows = [["people", f"{study.n}"], ["disease", study.model]]
    rows += [["forms", forms]] if "form" in study.disease.recorded else []
    rows += [["women", f"{100 * people.women:.0f} %"], ["lost by the last visit", f"{100 * people.lost:.0f} %"]]
    rows += [["centres", str(people.centres)]] if people.centres > 1 else []
    return rows + [["eligible", str(rule)] for rule in study.design.eligibility]


def _how(design: Design) -> list[list[str]]:
    allocation, blinding = design.allocation, design.blinding
    how = f"at random: {allocation.method}" if design.is_randomised else "nobody is allocated at random"
    if design.is_randomised:
        how += f" of {' or '.join(map(str, allocation.block_sizes))}" if allocation.block_sizes else ""
        how += f", within {', '.join(allocation.strata)}" if allocation.strata else ""
        how += ", concealed" if allocation.concealed else ""
    blind = [who for who in ("participants", "assessors", "analysts") if getattr(blinding, who)]
    looks = design.sequential and ", ".join(f"{100 * share:g} %" for share in design.sequential.looks)
    return [["allocation", how], ["blind", ", ".join(blind) or "nobody"], *([["looks", looks]] if looks else [])]


def _when(visit: Visit) -> str:
    months = visit.day / MONTH
    when = "at enrolment" if visit.day == 0.0 else f"{visit.day:.0f} days" if months < 1.5 else f"{months:.3g} months"
    return when + (f", give or take {visit.window:.0f} days" if visit.window else "")


def _endpoint(design: Design, name: str) -> str:
    one = design.endpoint(name)
    words = [one.kind, "change from baseline" if one.change else "", "" if one.unit == "1" else f"in {one.unit}"]
    if one.responder is not None:
        words.append(f"{one.variable} {one.responder.relation} {one.responder.limit:g}")
    words += [f"at {one.visit}" if one.visit else "", f"rated by the {one.rated_by}"]
    return ", ".join(filter(None, words))


def _plan(method: str, endpoint: str, role: str, missing: str) -> str:
    of = f" of {endpoint}" if endpoint else ""
    how = f"; missing values: {missing}" if endpoint and missing != "complete cases" else ""
    return f"{method}{of}{how} ({role})"
