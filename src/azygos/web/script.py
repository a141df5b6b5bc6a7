"""A request as a Python script that does the same."""

from azygos.web.requests import BodyRequest, LookRequest, PosturesRequest, SimulateRequest, TreatRequest, WorkRequest

__all__ = ["script"]


def script(request: WorkRequest) -> str:
    """The script; what is as usual is left out."""
    match request:
        case SimulateRequest() | PosturesRequest():
            lines = _simulate(request.body)
        case TreatRequest():
            lines = _treat(request)
        case LookRequest():
            lines = _look(request)
        case _:
            from azygos.web.study_script import study_script  # here, as it loads all that studies need

            return study_script(request)
    return "\n".join(["# Simulated, for research and teaching, not for care.", *lines, ""])


def _body(request: BodyRequest) -> list[str]:
    if request.blind is not None:
        return [
            f"cohort = named_cohort({request.blind.cohort!r})",
            f"drawn = (sample(cohort, number) for number in count({request.blind.number}))",
            f"body = next(one for one in drawn if one.lesions).body().with_posture({request.posture:g})",
        ]
    given = {
        "sex": request.sex and repr(request.sex),
        "height": request.height_cm and f"{request.height_cm:g} * cm",
        "age": request.age and f"{request.age:g}",
        "variants": request.variants and repr(list(request.variants)),
        "posture": request.posture and f"{request.posture:g}",
    }
    inside = ", ".join(f"{name}={value}" for name, value in given.items() if value)
    lines = [f"body = azygos.Body.reference({inside})"]
    if request.lesions:
        lines += ["body = body.with_lesion(", *(f"    {lesion!r}," for lesion in request.lesions), ")"]
    return lines


def _imports(request: BodyRequest, *more: str, units: tuple[str, ...] = ()) -> list[str]:
    named = ["cm"] * bool(request.height_cm) + list(units)
    measured = [f"from azygos.units import {', '.join(named)}"] if named else []
    drawn = [
        "from itertools import count",
        "from azygos.exchange.cohort import named_cohort",
        "from azygos.population.sample import sample",
    ]
    return ["import azygos", *sorted([*more, *measured, *(drawn if request.blind else [])]), ""]


def _simulate(request: BodyRequest) -> list[str]:
    imports = _imports(request, "from azygos.engine.measure import Measure", units=("mmHg",))
    return [
        *imports,
        *_body(request),
        "solution = azygos.simulate(body)",
        "print(solution)",
        'for vein in ("ijv_r", "ijv_l"):',
        '    print(vein, solution.mean_flow_ml_min(body.site(vein, 0.5).vessel), "mL/min")',
        'for vessel in ("sss_posterior", "aorta_ascending_1"):',
        '    print(vessel, solution.mean_pressure_mmhg(*body.site(vessel, 0.5)), "mmHg")',
        'print("in the skull", Measure.parse("icp()")(solution) / mmHg, "mmHg")',
    ]


def _treat(request: TreatRequest) -> list[str]:
    exact = f"exact={request.exact}"
    venogram = "Venogram, " if request.ivus else ""
    within = ["    if isinstance(step, Venogram):", "        step = replace(step, planes=2, ivus=True)"] * request.ivus
    vessels = f", vessels={request.vessels!r}" if request.vessels else ""
    imports = _imports(
        request.body,
        "from dataclasses import replace",
        "from azygos.instruments.manometry import Manometry",
        "from azygos.instruments.venography import Ivus, Venography",
        "from azygos.therapy.catalogue import atm",
        "from azygos.therapy.healing import followed",
        f"from azygos.therapy.protocol import Inflate, PlaceStent, {venogram}angioplasty",
    )
    return [
        *imports,
        *_body(request.body),
        "",
        "protocol, steps = angioplasty(), []",
        "for step in protocol.steps:",
        *within,
        "    if isinstance(step, Inflate):",
        f"        step = replace(step, balloon={request.balloon!r}, pressure={request.pressure_atm:g} * atm)",
        *_stent(request),
        "    steps.append(step)",
        "",
        "procedure = azygos.conduct(",
        "    body,",
        f"    replace(protocol, steps=tuple(steps){vessels}),",
        f"    venography=Venography({exact}),",
        f"    manometry=Manometry({exact}),",
        f"    ivus=Ivus({exact}),",
        f"    seed={request.seed},",
        f"    sham={request.sham},",
        ")",
        "print(procedure)",
        "print(procedure.treatment)",
        "",
        f"course = procedure.course(anticoagulation={request.anticoagulation})",
        "print(course.events())",
        "print(followed(course, min(365.0, course.death)).flow_ml_min)",
    ]


def _stent(request: TreatRequest) -> list[str]:
    if request.stent == "none":
        return ["    if isinstance(step, PlaceStent):", "        continue"]
    return ["    if isinstance(step, PlaceStent):", f"        step = replace(step, stent={request.stent!r})"]


def _look(request: LookRequest) -> list[str]:
    if not request.sites:
        names = ", ".join(repr(name) for name in request.instruments)
        imports, looked = [], [f"examination = azygos.look(body, {names}, seed={request.seed}, exact={request.exact})"]
    else:
        imports = [
            "from azygos.instruments.examination import Plan",
            "from azygos.instruments.recording import Site",
            "from azygos.instruments.registry import instrument",
        ]
        sites = [f"    Site(vessel={place.vessel!r}, fraction={place.fraction:g})," for place in request.places()]
        looked = [
            "sites = (", *sites, ")",
            f"names = {list(request.instruments)!r}",
            f"chosen = {{name: instrument(name, exact={request.exact}) for name in names}}",
            f"plan = Plan(instruments=chosen, sites=sites, seed={request.seed}, is_exact={request.exact})",
            "examination = plan.examined(body, plan.solved(body))",
        ]  # fmt: skip
    return [
        *_imports(request.body, *imports, "from azygos.report.look import readings_table"),
        *_body(request.body),
        *looked,
        "for recording in examination.recordings:",
        "    headings, rows, _ = readings_table(recording)",
        '    print(recording.instrument, *headings, sep="; ")',
        "    for place, cells in rows:",
        '        print(place, *cells, sep="; ")',
        "fired = [finding for finding in examination.findings if finding.fired]",
        'print(f"{len(fired)} of {len(examination.findings)} rules fired")',
        "for finding in fired:",
        "    print(finding)",
    ]
