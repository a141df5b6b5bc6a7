"""What `azygos trial` prints and writes."""

import json as jsons
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azygos.cli.table import print_table

if TYPE_CHECKING:
    from azygos.report.trial import Conducted
    from azygos.trial.plan import Plan
    from azygos.trial.study import Study

__all__ = ["command_line", "plan_json", "show_plan", "study_json", "tell", "write"]

EFFECTS = ("expected", "result as good", "power", "type S", "type M")


def command_line(
    name: str, n: int | None, effect: str, study: "Study", seed: int, repeats: int, judge: str | None
) -> str:
    """The command that gives the same again."""
    words = [
        "azygos trial run",
        name,
        f'--effect "{effect}{study.disease.suffix}"',
        f"--seed {seed}",
        f"--repeats {repeats}",
    ]
    words += [f"--n {n}"] if n is not None else []
    words += [f'--off "{layer}"' for layer in sorted(study.off)]
    words += [f"--judge {judge}"] if judge is not None else []
    return " ".join(words)


def write(conducted: "Conducted", command: str, name: str, out: Path, *, pdf: bool = False) -> None:
    from datetime import UTC, datetime

    from azygos.cli.exports import sources_file, with_pdf
    from azygos.cli.files import write_directory
    from azygos.exchange.dataset_csv import dataset_csv
    from azygos.exchange.dataset_json import dataset_json
    from azygos.exchange.define_xml import define_xml
    from azygos.exchange.study import study_text
    from azygos.report.sources import of_study
    from azygos.report.trial import as_json, drawings, page
    from azygos.trial.conduct import conduct

    study, found = conducted.study, conducted.repeats
    file, text = study_text(name)
    texts = {
        "report.html": page(conducted, command, {file: text}),
        "result.json": jsons.dumps(as_json(conducted) | {"command": command}, indent=1, allow_nan=False) + "\n",
        file: text,
        **drawings(conducted),
        **sources_file(of_study(study)),
    }
    dataset = conduct(study, found.seed, 0, found.effect)
    created = datetime.now(UTC)
    data = dataset_json(study.design, dataset, created)
    data["define.xml"] = define_xml(study.design, dataset, created)
    write_directory(out, with_pdf(texts, pdf=pdf))
    write_directory(out / "data", dataset_csv(study.design, dataset))
    write_directory(out / "cdisc", data)


def tell(conducted: "Conducted", json: bool, out: Path | None) -> None:
    from azygos.report.trial import ABOUT, as_json, calibration_in_words, effect_rows, looks_in_words, repeat_rows
    from azygos.trial.words import sentences, standing

    if json:
        print(jsons.dumps(as_json(conducted) | {"out": None if out is None else str(out)}, allow_nan=False))
        return
    study, verdict = conducted.study, conducted.verdict
    print(f"{study.design.title}\n{study.design.kind}, {study.n} people\n")
    headings = ("analysis", "mean", "95 % of repeats", "p < 0.05", "published")
    of = f"{len(conducted.repeats)} repeats, effect {conducted.repeats.effect}"
    print_table(headings, repeat_rows(conducted.repeats), f"{of}, constants {calibration_in_words(study)}")
    if told := looks_in_words(study, conducted.looks):
        print(told)
    if verdict is None:
        print(f"\nNot judged: {conducted.unjudged}")
    else:
        print(f"\nVerdict on the {conducted.judged} result: {standing(verdict)}\n")
        print("\n".join(sentences(verdict)))
        title = "What the design shows of each true effect, constants before calibration"
        print_table((f"true effect [{study.disease.effect_unit}]", *EFFECTS), effect_rows(verdict), title)
        print("Before, because the calibration assumes that there is no effect.")
    print(ABOUT)
    if out is not None:
        print(
            f"\nReport: {out / 'report.html'}\nData: {out / 'data'} (CSV), {out / 'cdisc'} (Dataset-JSON, Define-XML)"
        )


def study_json(study: "Study") -> dict[str, Any]:
    from azygos.report.trial import published_rows
    from azygos.trial.study import LAYERS

    design = study.design
    return {
        "name": study.name,
        "title": design.title,
        "kind": design.kind,
        "model": study.model,
        "n": study.n,
        "arms": [{"name": arm.name, "role": arm.role, "gets": arm.gets} for arm in design.arms],
        "eligibility": [str(rule) for rule in design.eligibility],
        "analyses": [{"name": one.name, "method": one.method, "role": one.role} for one in design.analyses],
        "published": [
            dict(zip(("analysis", "result", "checked", "source"), row, strict=True)) for row in published_rows(study)
        ],
        "calibration": study.is_calibration,
        "bands": [
            {"analysis": b.analysis, "arm": b.arm, "what": b.what, "low": b.low, "high": b.high, "written": b.written}
            for b in study.bands
        ],
        "layers": {name: name not in study.off for name in LAYERS},
        "priors": {
            p.name: {"layer": p.layer, "prior": str(p), "unit": p.unit, "what": p.what, "source": p.source}
            for p in study.constants
        },
        "sources": list(design.sources),
    }


def plan_json(made: "Plan", seed: int) -> dict[str, Any]:
    return {
        "study": made.study.name,
        "control_added": made.is_changed,
        "n": made.n,
        "seed": seed,
        "repeats": made.repeats,
        "false_positive": made.false_positive,
        "effects": [
            {"effect": e.effect, "power": e.power, "monte_carlo_error": e.error,
             "n_for_80": _whole(e.sizes[0]), "n_for_90": _whole(e.sizes[1]), "power_at_n_for_80": e.confirmed}
            for e in made.effects
        ],
        "assurance": made.assurance,
        "believed": made.believed,
        "looks": [
            {"effect": s.effect, "power": s.power, "expected_n": s.expected_n, "stopped": list(s.stopped),
             "futile": s.futile}
            for s in made.looks
        ],
    }  # fmt: skip


def _whole(size: float) -> int | None:
    return math.ceil(size) if math.isfinite(size) else None


def show_plan(made: "Plan") -> None:
    print(f"{made.study.design.title}\n{made.study.design.kind}, {made.n} people\n")
    if made.is_changed:
        print(
            "The study has no control group, and no number of people gives it one: here is the same against a sham.\n"
        )
    rows = [
        (
            f"{e.effect:g}",
            f"{100 * e.power:.1f} % ± {100 * e.error:.1f}",
            *(str(_whole(size)) if _whole(size) else "none" for size in e.sizes),
            "" if e.confirmed is None else f"{100 * e.confirmed:.0f} %",
        )
        for e in made.effects
    ]
    headings = ("true effect", f"power with {made.n}", "n for 80 %", "n for 90 %", "power simulated with n for 80 %")
    print_table(headings, rows, "Power")
    print(f"Significant in the good direction with no effect: {100 * made.false_positive:.1f} % of repeats")
    print(f"Assurance, believing the effect to be {made.believed} (assumed): {100 * made.assurance:.0f} %")
    if made.looks:
        looks = [
            (
                f"{s.effect:g}",
                f"{100 * s.power:.1f} %",
                f"{s.expected_n:.0f}",
                " / ".join(f"{100 * x:.0f} %" for x in s.stopped),
                *(() if s.futile is None else (f"{100 * s.futile:.0f} %",)),
            )
            for s in made.looks
        ]
        gave_up = () if made.looks[0].futile is None else ("given up early",)
        headings = ("true effect", "power", "expected n", "ended at each look", *gave_up)
        print_table(headings, looks, "With looks on the way")
    elif made.study.design.sequential is not None:
        from azygos.report.trial import NOT_LOOKED

        print(NOT_LOOKED)
