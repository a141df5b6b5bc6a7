"""Cohorts as files: who the patients are, what is done with each, and a seed.

    format: azygos-cohort/1
    name: ours
    title: People sent for venography
    sources: ["what the file as a whole rests on"]
    seed: 1
    persons:
      female: {share: 70 %, source: "..."}
      height:
        female: {mean: 163 cm, sd: 6.5 cm, low: 140 cm, high: 190 cm, source: assumed}
        male: {mean: 175 cm, sd: 7 cm, low: 150 cm, high: 205 cm, source: assumed}
      age: {mean: 45 years, sd: 10 years, low: 18 years, high: 75 years, source: assumed}
    variants:                                       # of each line a person has at most one
      - {hypoplastic_transverse_sinus_l: 39 %, absent_transverse_sinus_l: 20 %, source: "..."}
    parameters:
      others: as tabled                             # all others vary as the package's table has it
      csf_formation: {low: 0.8, high: 1.25, law: lognormal, source: "..."}
    lesions:
      - site: ijv_r at 0.9
        prevalence: 64 %
        source: "..."
        kinds:                                      # of the lesions there
          valve: {share: 60 %, length: 2 mm, area: {low: 50 %, high: 98 %, source: assumed}}
          compression: {share: 40 %, length: 15 mm, pressure: {low: 10 mmHg, high: 25 mmHg, source: assumed}}
    eligible: ["age >= 18 years", "narrowing(ijv) > 50 % or gradient(ijv) > 2 mmHg"]
    protocol: angioplasty                           # or a file beside this one
    devices: [ours.yaml]
    sham: no
    anticoagulation: yes
    looks: [manometry, venography]
    visits: [before, after, 180 days]
    numerics: {cells: 3, time_step: 4 ms, tolerance: 1e-3}      # cells of a vessel, at least

A distribution is `{mean, sd}`, cut off at `low` and `high` where they are given; `{low, high}`, uniform, or lognormal
with 95 % between them; or one number, `{value}` or bare, which is then assumed.
"""

from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from azygos.body.lesion import MEMBRANES, Stenosis, check
from azygos.body.parameter import parameters, problems_with
from azygos.body.person import AGES, HEIGHTS
from azygos.body.reference import reference_network
from azygos.body.variant import problems_with as problems_with_variants
from azygos.body.variant import variants
from azygos.engine.compile import Mesh
from azygos.engine.solve import Numerics
from azygos.errors import InputError, Problem, close_matches
from azygos.exchange.cohort_form import PARTS, CohortForm, FactorForm, KindForm, LesionForm, PersonsForm, bare, share
from azygos.exchange.document import Document, read_document, read_text, shown
from azygos.exchange.nested import nested
from azygos.exchange.protocol import read_devices, read_protocol
from azygos.instruments.recording import Site
from azygos.instruments.registry import INSTRUMENTS
from azygos.population.cohort import Cohort, KindOfLesion, LesionRecipe, Persons, Shares, as_tabled, visits
from azygos.population.distribution import Distribution
from azygos.population.eligibility import rule, unseen
from azygos.run.folder import Folder
from azygos.therapy.catalogue import Catalogue, stock
from azygos.therapy.protocol import Protocol, angioplasty

__all__ = ["FORMAT", "cohort_in", "find_cohort", "inputs_of", "named_cohort", "packaged_names", "read_cohort"]

FORMAT = "azygos-cohort/1"
KINDS = ("stenosis", "web", "valve", "thrombus", "compression")  # a hypoplasia is a variant of the anatomy


@cache
def packaged_names() -> tuple[str, ...]:
    """The names of the cohorts that ship."""
    folder = resources.files("azygos.population").joinpath("named")
    names = (entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(name for name in names if not name.endswith(".protocol")))


def find_cohort(name: str) -> tuple[Cohort, dict[str, str]]:
    """A cohort that ships, by its name, or that of a file; and the texts of all files that say what it is."""
    if name in packaged_names():
        with resources.as_file(resources.files("azygos.population").joinpath("named", f"{name}.yaml")) as path:
            return read_cohort(path), inputs_of(path)
    if not (name.endswith((".yaml", ".yml")) or "/" in name or Path(name).exists()):
        remedy = f"{close_matches(name, packaged_names())}; or name a file"
        raise InputError(Problem(f"no cohort '{name}'", "", remedy))
    return read_cohort(Path(name)), inputs_of(Path(name))


def named_cohort(name: str) -> Cohort:
    """One of the cohorts that ship."""
    return find_cohort(name)[0]


def inputs_of(path: Path) -> dict[str, str]:
    """The text of a cohort's file, `cohort.yaml`, and of each file that it names."""
    data = read_document(path).data
    named = [data.get("protocol", "angioplasty"), *(data.get("devices") or ())]
    return {"cohort.yaml": read_text(path)} | {
        str(name): read_text(path.parent / str(name)) for name in named if name != "angioplasty"
    }


def cohort_in(folder: Folder) -> Cohort:
    """The cohort of a run: its file as it was then, with what was asked for beside it. Raises InputError."""
    asked = folder.manifest
    return replace(
        read_cohort(folder.path / "input" / "cohort.yaml"),
        seed=asked["seed"],
        sham=asked["sham"],
        looks=tuple(asked["looks"]),
        visits=visits(asked["visits"]),
    )


def read_cohort(path: Path) -> Cohort:
    """The cohort of a file. Raises InputError with all problems, each with its line."""
    document = read_document(path)
    if not isinstance(document.data, dict) or document.data.get("format") != FORMAT:
        found = document.data.get("format") if isinstance(document.data, dict) else None
        what = "no cohort: its first key is not 'format'" if found is None else f"format '{found}', not a cohort"
        raise InputError(Problem(what, document.where("format"), f"begin it with 'format: {FORMAT}'"))
    return _Reader(document, path.parent).cohort()


def _texts(data: Any) -> tuple[str, ...]:
    """The texts of a list, where it is one."""
    return tuple(one for one in data if isinstance(one, str)) if isinstance(data, list) else ()


class _Reader:
    """Gathers the parts of a file and everything that is wrong with them."""

    def __init__(self, document: Document, folder: Path) -> None:
        self.document, self.folder = document, folder
        self.problems = list(document.problems)
        self.lengths = {vessel.name: vessel.length for vessel in reference_network().vessels}

    def cohort(self) -> Cohort:
        form = nested(CohortForm, self.document, (), "cohort", PARTS, self.problems)
        if form is None:
            # What can be read without the form is, so that its problems are said in the same go.
            self._parts_alone(self.document.data)
            raise InputError(self.document.in_order(self.problems))
        found = self._cohort(form)
        if self.problems or found is None:
            raise InputError(self.document.in_order(self.problems))
        return found

    def _parts_alone(self, data: dict[str, Any]) -> None:
        if isinstance(data.get("parameters"), dict):
            self._parameters(data["parameters"])
        if isinstance(data.get("eligible"), list):
            self._rules(data["eligible"])
        if isinstance(data.get("variants"), list):
            self._variants([group for group in data["variants"] if isinstance(group, dict)])
        self._looks(_texts(data.get("looks")))
        if seen := _texts(data.get("visits")):
            self._noting(lambda: visits(seen, self.document.where("visits")))
        if isinstance(data.get("protocol"), str):
            self._protocol(data["protocol"], stock())
        lesions = data.get("lesions")
        for place, lesion in enumerate(lesions if isinstance(lesions, list) else ()):
            if isinstance(lesion, dict):
                self._site(place, str(lesion.get("site", "")))
                kinds = lesion.get("kinds")
                for kind in kinds if isinstance(kinds, dict) else ():
                    self._known_kind(str(kind), "lesions", place, "kinds", str(kind))

    def _cohort(self, form: CohortForm) -> Cohort | None:
        self._looks(form.looks)
        numerics = replace(
            Numerics.cohort(),
            mesh=Mesh(cell_length=form.numerics.cell_length, least_cells=form.numerics.cells),
            time_step=form.numerics.time_step,
            tolerance=form.numerics.tolerance,
            most_beats=form.numerics.most_beats,
        )
        devices = [self._beside("devices", i, name) for i, name in enumerate(form.devices)]
        catalogue = self._noting(lambda: read_devices([path for path in devices if path], stock())) or stock()
        protocol = self._protocol(form.protocol, catalogue)
        seen = self._noting(lambda: visits(form.visits, self.document.where("visits")))
        rules = self._rules(form.eligible)
        self.problems += unseen(rules, form.looks, self.document.where("looks"))
        return Cohort(
            name=form.name,
            title=form.title,
            sources=form.sources,
            seed=form.seed,
            persons=self._persons(form.persons),
            variants=self._variants(form.variants),
            parameters=self._parameters(form.parameters),
            lesions=tuple(self._lesion(i, one) for i, one in enumerate(form.lesions)),
            eligible=rules,
            protocol=protocol,
            catalogue=catalogue,
            sham=form.sham,
            anticoagulation=form.anticoagulation,
            looks=form.looks,
            visits=seen or (),
            numerics=numerics,
        )

    def _noting(self, read: Any) -> Any:
        try:
            return read()
        except InputError as error:
            self.problems += error.problems
            return None

    def _wrong(self, what: str, remedy: str, *path: str | int) -> None:
        self.problems.append(Problem(what, self.document.where(*path), remedy))

    def _protocol(self, name: str, catalogue: Catalogue) -> Protocol:
        if name != "angioplasty" and (path := self._beside("protocol", None, name)):
            return self._noting(lambda: read_protocol(path, catalogue)) or angioplasty()
        return angioplasty()

    def _beside(self, key: str, place: int | None, name: str) -> Path | None:
        """The file of this name in the cohort's own folder, so that both travel together."""
        where = (key,) if place is None else (key, place)
        if Path(name).name != name:
            self._wrong(f"'{name}' is not beside the cohort", "put it there and name it without a folder", *where)
            return None
        return self.folder / name

    def _looks(self, names: tuple[str, ...]) -> None:
        for place, name in enumerate(names):
            if name not in INSTRUMENTS:
                self._wrong(f"no instrument '{name}'", close_matches(name, INSTRUMENTS), "looks", place)

    def _persons(self, form: PersonsForm) -> Persons:
        heights = {"female": form.height.female.distribution, "male": form.height.male.distribution}
        age = form.age.distribution
        bounds = [("height", sex, height, HEIGHTS, "m") for sex, height in heights.items()]
        for key, sub, distribution, (least, most), unit in (*bounds, ("age", "low", age, AGES, "years")):
            low, high = distribution.limits
            if not least <= low <= high <= most:
                what = f"persons: {key} from {low:g} to {high:g} {unit} is not within {least:g} to {most:g} {unit}"
                self._wrong(what, "give it a low and a high within them", "persons", key, sub)
        return Persons(female=form.female.share, female_source=form.female.source, height=heights, age=age)

    def _variants(self, groups: Any) -> tuple[Shares, ...]:
        found = []
        for place, group in enumerate(groups):
            source, shares = group.get("source"), {}
            for name, text in group.items():
                if name == "source":
                    continue
                if name not in variants():
                    self._wrong(f"no variant '{name}'", close_matches(name, variants()), "variants", place, name)
                    continue
                try:
                    shares[name] = share(text)
                except PydanticCustomError as error:
                    said = error.context or {}
                    self._wrong(f"{name}: {said.get('what')}", str(said.get("remedy")), "variants", place, name)
            if not isinstance(source, str):
                self._wrong("variants without a source", "add 'source: ...', or 'source: assumed'", "variants", place)
            if sum(shares.values()) > 1.0 + 1e-9:
                self._wrong("the shares are more than the whole", "let them sum to at most 100 %", "variants", place)
            found.append(Shares(of=shares, source=str(source)))
        names = [name for group in found for name in group.of]
        for name in {name for name in names if names.count(name) > 1}:
            problem = problems_with_variants([name, name])[0]
            self._wrong(problem.what, problem.remedy, "variants")
        return tuple(found)

    def _parameters(self, given: dict[str, Any]) -> dict[str, Distribution]:
        rest, own = given.get("others"), {name: data for name, data in given.items() if name != "others"}
        if rest not in (None, "as tabled"):
            self._wrong(f"others: {shown(rest)}", "write 'others: as tabled', or leave it out", "parameters", "others")
        found = as_tabled() if rest == "as tabled" else {}
        for name, data in own.items():
            if name not in parameters():
                self._wrong(f"no parameter '{name}'", close_matches(name, parameters()), "parameters", name)
                continue
            spread = self._spread(name, data)
            if spread is not None:
                found[name] = spread
        return {name: found[name] for name in parameters() if name in found}

    def _spread(self, name: str, data: Any) -> Distribution | None:
        form = FactorForm if isinstance(data, dict) else None
        wrapped = Document(
            file=self.document.file,
            data=data if form else bare(data),
            lines={path[2:]: n for path, n in self.document.lines.items() if path[:2] == ("parameters", name)},
            problems=(),
        )
        found = nested(FactorForm, wrapped, (), f"parameter '{name}'", {}, self.problems)
        if found is None:
            return None
        low, high = found.distribution.limits
        known = parameters()[name]
        for problem in problems_with({name: low} if low < known.low else {name: min(high, 1e9)}):
            self._wrong(problem.what, problem.remedy, "parameters", name)
        return found.distribution

    def _lesion(self, place: int, form: LesionForm) -> LesionRecipe:
        site = self._site(place, form.site)
        kinds = {}
        for kind, one in form.kinds.items():
            self._kind(place, site, kind, one)
            kinds[kind] = KindOfLesion(
                share=one.share,
                length=one.length.distribution,
                taken=one.area.distribution if one.area else None,
                pressure=one.pressure.distribution if one.pressure else None,
            )
        if abs(sum(one.share for one in form.kinds.values()) - 1.0) > 1e-6:
            self._wrong(
                f"lesion {place}: the shares of its kinds are not the whole", "let them sum to 100 %",
                "lesions", place, "kinds",
            )  # fmt: skip
        return LesionRecipe(site=site, prevalence=form.prevalence, kinds=kinds, source=form.source)

    def _site(self, place: int, text: str) -> Site:
        vessel, _, at = (part.strip() for part in text.partition(" at "))
        if vessel not in self.lengths:
            self._wrong(f"no vessel '{vessel}'", close_matches(vessel, self.lengths), "lesions", place, "site")
        try:
            fraction = float(at or "0.5")
        except ValueError:
            fraction = -1.0
        if not 0.0 <= fraction <= 1.0:
            self._wrong(f"'{at}' is no fraction of a length", "write 'ijv_r at 0.5'", "lesions", place, "site")
            fraction = 0.5
        return Site(vessel=vessel, fraction=fraction)

    def _known_kind(self, kind: str, *where: str | int) -> bool:
        if kind not in KINDS:
            self._wrong(f"no kind of lesion '{kind}'", close_matches(kind, KINDS), *where)
        return kind in KINDS

    def _kind(self, place: int, site: Site, kind: str, form: KindForm) -> None:
        """Whether the mildest and the worst lesion of a kind can be there at all."""
        where = ("lesions", place, "kinds", kind)
        if not self._known_kind(kind, *where):
            return
        wanted, other = ("pressure", "area") if kind == "compression" else ("area", "pressure")
        if getattr(form, wanted) is None or getattr(form, other) is not None:
            self._wrong(f"a {kind} is given by its {wanted}", f"give '{wanted}' and no '{other}'", *where)
            return
        if site.vessel not in self.lengths:
            return
        ends = getattr(form, wanted).distribution.limits
        for size, length in zip(ends, form.length.distribution.limits, strict=True):
            lesion = Stenosis(
                vessel=site.vessel, narrowing=0.0 if kind == "compression" else size, at=site.fraction, length=length,
                pressure=size if kind == "compression" else 0.0, kind=kind,
            )  # fmt: skip
            for problem in check([lesion], self.lengths)[:1]:
                remedy = problem.remedy or f"a {MEMBRANES[0]} is short; give low and high within what can be"
                self._wrong(f"lesion {place}: {kind}: {problem.what}", remedy, *where)

    def _rules(self, texts: Any) -> Any:
        found = [
            self._noting(lambda i=i, text=text: rule(text, self.document.where("eligible", i)))
            for i, text in enumerate(texts)
        ]
        return tuple(one for one in found if one is not None)
