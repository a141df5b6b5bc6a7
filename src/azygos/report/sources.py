"""What the numbers of a run rest on: each with what it was used for and its source, as the tables say it.

Bodies, rules, devices, complications, patency, constants of studies and cohorts hold their sources beside their
numbers; the instruments and the methods of statistics have theirs in their files, and here (INSTRUMENTS, METHODS).
Nothing is said here that does not stand there.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

from azygos.audit.claims import Claims
from azygos.body.body import Body
from azygos.body.network import Network
from azygos.body.parameter import parameters
from azygos.body.rows import table
from azygos.body.variant import variants
from azygos.instruments.examination import Examination
from azygos.study.design import Design
from azygos.therapy.complications import rates
from azygos.therapy.conduct import Procedure
from azygos.therapy.healing import published
from azygos.trial.study import Study

__all__ = [
    "INSTRUMENTS", "METHODS", "Use", "as_json", "of_body", "of_claims", "of_cohort", "of_design", "of_examination",
    "of_procedure", "of_study",
]  # fmt: skip

ANATOMY = {
    "arteries": "arteries", "veins": "veins and sinuses", "channels": "channels", "bridging": "bridging veins",
    "terminals": "beds", "drains": "drainage of the beds", "chambers": "heart", "valves": "heart", "lungs": "lungs",
    "places": "heights of the nodes",
}  # fmt: skip
NAMED_BY = ("name", "bed", "node")
# What the instruments' errors were taken from, as their files (azygos/instruments) say beside each number.
INSTRUMENTS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "ultrasound": (
            ("chance to see what lies within a lumen", "Scalise 2013, Phlebology"),
            ("time over which a velocity is averaged; bias of the machine's flow", "PMC6026550"),
            ("intrinsic broadening of a spectrum", "PMC4510153, fig. 1"),
            ("size of the errors of reading", "assumed"),
        ),
        "mri": (
            ("error of flow in the skull", "Front Psychol 2023, 1125038"),
            ("error of area", "PMC3644311"),
            ("encoding velocity, pixels, frames, error of flow in the neck", "assumed"),
        ),
        "venography": (
            ("chance to see what lies within a lumen; enlargement", "Scalise 2013, Phlebology"),
            ("form of a vein at rest", "Tartiere 2009, 10.1186/cc8200"),
            ("errors of edges and scale, frames, contrast", "assumed"),
        ),
        "ivus": (("chance to see what lies within a lumen", "assumed"), ("error of area", "assumed")),
        "manometry": (
            ("rise of pressure under anaesthesia", "Fargen 2017 (JNIS 9:990)"),
            ("errors of the transducer", "assumed"),
        ),
    }
)
# What the answer of a lesion to a balloon rests on, by its kind, as azygos/therapy says beside each number.
PULL = ("pull of a balloon's shoulders", "Paulsen 1994, Am Math Monthly 101:953")
RECOIL = ("elastic recoil, and its time", "assumed; iliac arteries: Gardiner 2001, J Vasc Interv Radiol 12:1389")
LEAFLETS = (
    ("modulus of leaflets", "PMC6418800, of heart valves; that a membrane is as thick as the lesion is long: assumed"),
    ("strain at which a leaflet breaks", "PMC6418800, of heart valves; that a web in a vein is as strong: assumed"),
    PULL,
)
FIBROUS = (
    "Turmel-Rodrigues & Renaud 2013, 10.1007/978-2-8178-0366-1_10; Wu 2008, J Vasc Interv Radiol 19:877; "
    "that a stenosis of any other vein is as tough: assumed"
)
RESPONSES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "stenosis": (("modulus of a stenosis", FIBROUS), RECOIL, PULL),
        "hypoplasia": (RECOIL,),
        "web": LEAFLETS,
        "valve": LEAFLETS,
        "thrombus": (("share of a clot that a balloon breaks up", "assumed"),),
    }
)
RUPTURE = ("strain at which a sound vein breaks", "PMC8050780, of saphenous veins; its spread: assumed")
# Where the methods of a study's analyses come from, as azygos/statistics says beside each.
METHODS: Mapping[str, str] = MappingProxyType(
    {
        "clopper-pearson": "Clopper and Pearson 1934", "mid-p": "Lancaster 1961", "wilson": "Wilson 1927",
        "jeffreys": "Brown, Cai and DasGupta 2001", "agresti-coull": "Agresti and Coull 1998",
        "miettinen-nurminen": "Miettinen and Nurminen 1985", "agresti-caffo": "Agresti and Caffo 2000",
        "farrington-manning": "Mee 1984; Farrington and Manning 1990", "koopman": "Koopman 1984", "log": "Katz 1978",
        "walter": "Walter 1975", "woolf": "Woolf 1955", "gart": "Gart 1966",
        "mmrm": "Mallinckrodt et al., Drug Information Journal 2008;42:303",
        "proportional odds": "McCullagh, J R Stat Soc B 1980;42:109",
        "kaplan-meier": "Kaplan & Meier, JASA 1958;53:457",
        "cumulative incidence": "Aalen & Johansen, Scand J Stat 1978;5:141",
        "log-rank": "Mantel, Cancer Chemother Rep 1966;50:163", "cox": "Cox, J R Stat Soc B 1972;34:187",
        "rmst": "Uno et al., J Clin Oncol 2014;32:2380", "fine-gray": "Fine & Gray, JASA 1999;94:496",
        "blinding index": "Bang, Ni and Davis 2004, Control Clin Trials 25:143-156; James et al. 1996, Stat Med "
        "15:1421-1434",
        "multiple imputation": "van Buuren, Stat Methods Med Res 2007;16:219; Biometrika 1999;86:948",
        "jump to reference": "Carpenter, Roger & Kenward, J Biopharm Stat 2013;23:1352",
        "copy reference": "Carpenter, Roger & Kenward, J Biopharm Stat 2013;23:1352",
        "copy increments": "Carpenter, Roger & Kenward, J Biopharm Stat 2013;23:1352",
        "looks on the way": "Lan and DeMets 1983", "p and interval after looks": "Tsiatis, Rosner and Mehta 1984",
    }
)  # fmt: skip
AFTER_LOOKS = ("looks on the way", "p and interval after looks")
USUAL = {"proportion": "clopper-pearson", "risk difference": "miettinen-nurminen", "risk ratio": "miettinen-nurminen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Something a run used, and what its table says of where it comes from."""

    group: str  # such as "arteries", "rule", "complication"
    what: str  # such as "ijv_l: diameter"
    source: str  # as the table has it: publications, `assumed`, or both


def as_json(uses: Iterable[Use]) -> list[dict[str, str]]:
    return [{"group": use.group, "what": use.what, "source": use.source} for use in uses]


def of_body(body: Body | Network) -> Iterator[Use]:
    """A body made from the reference tables; of a network from a file, that its numbers are the file's own."""
    if isinstance(body, Network) or body.recipe is None:
        yield Use(group="network", what=body.name, source="the file itself")
        return
    for name, group in ANATOMY.items():
        for row in table(name):
            what = next(row[column] for column in NAMED_BY if column in row)
            yield from (
                Use(group=group, what=f"{what}: {of}" if of else what, source=text) for of, text in _sources(row)
            )
    for name in body.recipe.variants:
        yield Use(group="variant", what=name, source=variants()[name].source)
    for name in body.recipe.parameters:
        yield Use(group="parameter", what=name, source=parameters()[name].source)


def _sources(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Of a row what each source is for (nothing: of all of it), and the source."""
    for column, text in row.items():
        if column.endswith("source") and text and text != "anatomy":
            yield column.removesuffix("source").rstrip("_").replace("_", " "), text


def of_examination(examination: Examination) -> Iterator[Use]:
    """The instruments, and the rules by which their findings were judged."""
    for recording in examination.recordings:
        yield from () if examination.is_exact else _of_instrument(recording.instrument)
    for rule in dict.fromkeys(found.rule for found in examination.findings):
        yield Use(group="rule", what=f"{rule.name}: {rule.says}", source=rule.source)


def _of_instrument(name: str) -> Iterator[Use]:
    for what, source in INSTRUMENTS.get(name, ()):
        yield Use(group=name, what=what, source=source)


def of_procedure(procedure: Procedure, *, is_followed: bool) -> Iterator[Use]:
    """Devices and what they met, with a seed instruments and complications; patency where the patient was followed."""
    noted = " ".join(entry.text for entry in procedure.notes)
    for kind in ("balloon", "stent") if not procedure.sham else ():
        for row in _rows(f"{kind}s"):
            if f"{row['family'].replace('_', ' ')} {kind}" in noted:
                yield Use(group="device", what=f"{row['family']} {kind}", source=row["source"])
    for kind in dict.fromkeys(one.lesion.kind for one in procedure.inflations):
        for what, source in RESPONSES.get(kind, ()):
            yield Use(group="answer to a balloon", what=what, source=source)
    if procedure.seed is not None:
        for instrument in dict.fromkeys(one.instrument for look in procedure.looks for one in look.recordings):
            yield from _of_instrument(instrument)
        yield from _of_complications()
    if is_followed:
        yield from _of_patency()


def _of_complications() -> Iterator[Use]:
    known = rates()
    for row in _rows("complications"):
        said = f"{row['event']}, {row['count']} of {row['of']} ({row['study']})"
        yield from (Use(group="complication", what=said, source=row["source"]),) if row["event"] in known else ()
    yield Use(group="complication", what=RUPTURE[0], source=RUPTURE[1])


def _of_patency() -> Iterator[Use]:
    for point in published():
        what = f"{point.site}, {point.device}: patency at {point.months:g} months"
        yield Use(group="patency", what=what, source=point.source)


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("azygos.therapy").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def of_design(design: Design) -> Iterator[Use]:
    """What a design is taken from, and the methods of its analyses."""
    yield from (Use(group="study", what=design.name, source=source) for source in design.sources)
    for analysis in design.analyses:
        names = (analysis.interval or USUAL.get(analysis.method) or analysis.method, analysis.missing)
        for name in dict.fromkeys((*names, *analysis.sensitivity)):
            if name in METHODS:
                yield Use(group="method", what=f"{analysis.method}, {name}", source=METHODS[name])
    if design.sequential is not None:
        yield from (Use(group="method", what=what, source=METHODS[what]) for what in AFTER_LOOKS)


def of_study(study: Study) -> Iterator[Use]:
    """Its design, its published results, and the constants of the layers that are on."""
    yield from of_design(study.design)
    for one in study.published:
        yield Use(group="published result", what=one.analysis, source=one.source)
    for prior in study.constants:
        if prior.source and study.has(prior.layer):
            yield Use(group="constant", what=f"{prior.name}: {prior.what}", source=prior.source)


def of_claims(claims: Claims) -> Iterator[Use]:
    """What was audited."""
    yield Use(group="claim", what=claims.title, source=claims.source)
    yield from (Use(group="claim", what=one.name, source=one.source) for one in claims.claims if one.source)


def of_cohort(manifest: Mapping[str, Any]) -> Iterator[Use]:
    """A run of a cohort by its manifest: the reference body, what its people differ in, and what was done to them."""
    yield from of_body(Body.reference())
    yield from (Use(group="cohort", what=what, source=source) for what, source in manifest.get("sources", {}).items())
    for name in manifest["looks"]:
        yield from _of_instrument(name)
    if manifest["visits"] and any(visit != "before" for visit in manifest["visits"]):
        yield from _of_complications()
        yield from _of_patency()
