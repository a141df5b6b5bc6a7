"""A person's circulation: the healthy network, the lesions in it, and the posture."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from azygos.body import lesion as lesions_of
from azygos.body.blood import blood_volume
from azygos.body.condition import POSTURES, Breathing, Conditions, Strain, degrees_of
from azygos.body.lesion import Piece, Stenosis
from azygos.body.lesion_text import parse_lesions
from azygos.body.network import Network
from azygos.body.person import Person
from azygos.body.recipe import Recipe
from azygos.body.rows import kinds, places
from azygos.errors import InputError, Problem, close_matches
from azygos.shown import html
from azygos.units import litre

__all__ = ["POSTURES", "Body", "Site"]

ORGANS = {  # and a store of each
    "heart": "left_ventricle",
    "lungs": "pulmonary_capillary",
    "skull": "cerebrospinal_fluid",
}


class Site(NamedTuple):
    """A place in a network: a vessel, and the fraction of its length from its start."""

    vessel: str
    fraction: float


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Body:
    """One person. Frozen: `with_lesion`, `with_posture`, `under` and the like return another.

    `healthy` is the person lying at rest; `resting` has the lesions cut in and is put through the conditions, a
    strain excepted; `network`, what the engine solves, has the strain as well.
    """

    name: str
    healthy: Network  # supine
    places: Mapping[str, tuple[float, float]]  # of the healthy nodes, seen from in front: x, y [m]
    kinds: Mapping[str, str]  # of the healthy vessels: artery, vein or sinus
    recipe: Recipe | None = None  # of which `healthy` was made; None for a network from elsewhere
    lesions: tuple[Stenosis, ...] = ()
    conditions: Conditions = Conditions()
    resting: Network = field(init=False)
    network: Network = field(init=False)
    lengths: dict[str, float] = field(init=False, compare=False)  # of every vessel, lesions left aside [m]

    _repr_html_ = html  # of a notebook

    def __post_init__(self) -> None:
        problems = self.conditions.problems(self.healthy)
        if self.conditions.posture_degrees and not self.places:
            what = f"it is not known where the nodes of '{self.name}' lie along the body"
            problems.append(Problem(what, "posture", "give the heights of its nodes in the file instead"))
        if problems:
            raise InputError(problems)
        lesioned = lesions_of.apply(self.conditions.apply(self.healthy, self.places), self.lesions)
        resting = replace(lesioned, name=self.name)
        object.__setattr__(self, "resting", resting)
        object.__setattr__(self, "network", self.conditions.strained(resting))
        object.__setattr__(self, "lengths", {vessel.name: vessel.length for vessel in self.healthy.vessels})

    @classmethod
    def reference(
        cls,
        *,
        sex: str | None = None,
        height: float | None = None,
        age: float | None = None,
        posture: str | float = "supine",
        variants: Iterable[str] | str = (),
        parameters: Mapping[str, float] | None = None,
    ) -> "Body":
        """The reference adult, or one of another sex, height [m], age [years], anatomy or calibre; no lesion.

        `variants` are names such as `left_dominant_sinus` (azygos.body.variant.variants); `parameters` are factors on
        named quantities such as `ijv_r.diameter` (azygos.body.parameter.parameters).
        """
        recipe = Recipe(
            person=Person.of(sex, height, age),
            variants=(variants,) if isinstance(variants, str) else tuple(variants),
            parameters=dict(parameters or {}),
        )
        return cls.made(recipe).with_posture(posture)

    @classmethod
    def made(cls, recipe: Recipe, name: str = "reference adult") -> "Body":
        """The body that a recipe describes, lying at rest, without a lesion."""
        healthy = recipe.network()
        scale, known = recipe.person.length_ratio, kinds()
        return cls(
            name=name,
            healthy=healthy,
            places={node: (scale * x, scale * y) for node, (x, y) in places().items()},
            kinds={vessel.name: known[vessel.name] for vessel in healthy.vessels},
            recipe=recipe,
        )

    def remade(self, recipe: Recipe) -> "Body":
        """This body's name, lesions and conditions with the anatomy of another recipe."""
        return replace(Body.made(recipe, self.name), lesions=self.lesions, conditions=self.conditions)

    @property
    def posture_degrees(self) -> float:
        return self.conditions.posture_degrees

    def under(
        self,
        *,
        posture: str | float | None = None,
        heart_rate: float | None = None,
        blood_volume: float | None = None,
        breathing: Breathing | None = None,
        strain: Strain | None = None,
        external_pressure: Mapping[str, float] | None = None,
    ) -> "Body":
        """This body with other conditions; those left out stay.

        posture: `supine`, `upright` or degrees head up, 0 to 90. heart_rate [1/s], blood_volume [m3]; breathing:
        Breathing(); strain: valsalva() or cough(); external_pressure: vessel -> [Pa], of a collar, a bone, a hand.
        """
        now = self.conditions
        changed = Conditions(
            posture_degrees=now.posture_degrees if posture is None else degrees_of(posture),
            heart_rate=now.heart_rate if heart_rate is None else heart_rate,
            blood_volume=now.blood_volume if blood_volume is None else blood_volume,
            breathing=now.breathing if breathing is None else breathing,
            strain=now.strain if strain is None else strain,
            external_pressure=now.external_pressure if external_pressure is None else external_pressure,
        )
        return replace(self, conditions=changed)

    def with_variants(self, *names: str) -> "Body":
        """This body with variants of the anatomy more. Only of a body that was made by a recipe."""
        return self.remade(replace(self.made_by, variants=self.made_by.variants + names))

    def with_parameters(self, factors: Mapping[str, float]) -> "Body":
        """This body with the named factors; those it had before stay where they are not named."""
        return self.remade(replace(self.made_by, parameters={**self.made_by.parameters, **factors}))

    @property
    def made_by(self) -> Recipe:
        """The recipe. Raises InputError for a network from elsewhere."""
        if self.recipe is None:
            raise InputError(Problem(f"'{self.name}' is a network, not a person", remedy="start from a reference body"))
        return self.recipe

    def with_lesion(self, *lesions: str | Stenosis) -> "Body":
        """This body with lesions more, each a Stenosis or a text such as `ijv_r: 80 % area at 0.5, 20 mm`.

        Raises InputError with every problem of all of them at once.
        """
        texts = [lesion for lesion in lesions if isinstance(lesion, str)]
        read = iter(parse_lesions(texts, self.lengths))
        more = tuple(next(read) if isinstance(lesion, str) else lesion for lesion in lesions)
        return replace(self, lesions=self.lesions + more)

    def replacing(self, old: Stenosis, new: Stenosis) -> "Body":
        """This body with the lesion `old` as `new`, as after a balloon or a stent."""
        if old not in self.lesions:
            known = "; ".join(str(lesion) for lesion in self.lesions) or "none"
            raise InputError(Problem("the body has no such lesion", f"lesion '{old}'", f"it has: {known}"))
        return replace(self, lesions=tuple(new if lesion == old else lesion for lesion in self.lesions))

    def with_posture(self, posture: str | float) -> "Body":
        """This body tilted head up: `supine`, `upright`, or degrees from 0 to 90."""
        return self.under(posture=posture)

    @property
    def arteries(self) -> tuple[str, ...]:
        """The network's arteries, pieces counted singly."""
        return self._of_kind("artery")

    @property
    def veins(self) -> tuple[str, ...]:
        """The network's veins, sinuses apart, pieces counted singly."""
        return self._of_kind("vein")

    @property
    def sinuses(self) -> tuple[str, ...]:
        """The network's dural sinuses, pieces counted singly."""
        return self._of_kind("sinus")

    def _of_kind(self, kind: str) -> tuple[str, ...]:
        return tuple(v.name for v in self.network.vessels if self.kinds[v.name.partition(".")[0]] == kind)

    @property
    def blood_volume(self) -> float:
        """Blood in the initial state [m3], which the closed loop keeps."""
        return blood_volume(self.network)

    @property
    def drawing(self) -> dict[str, tuple[float, float]]:
        """Where each of the network's nodes is drawn, seen from in front: x to the patient's left, y up [m]."""
        drawn = dict(self.places)
        parts = {vessel.name: vessel for vessel in self.network.vessels}
        for vessel in self.healthy.vessels:
            (x0, y0), (x1, y1) = self.places[vessel.start], self.places[vessel.end]
            for piece in self.pieces(vessel.name):
                part = parts[piece.name]
                for node, s in ((part.start, piece.start), (part.end, piece.end)):
                    drawn.setdefault(node, (x0 + (x1 - x0) * s, y0 + (y1 - y0) * s))
        return drawn

    def pieces(self, vessel: str) -> tuple[Piece, ...]:
        """The pieces of a healthy vessel in the network, from upstream to downstream; itself if it has no lesion."""
        lengths = self.lengths
        if vessel not in lengths:
            raise InputError(Problem(f"no vessel '{vessel}'", remedy=close_matches(vessel, lengths)))
        return lesions_of.pieces(vessel, lengths[vessel], self.lesions)

    def site(self, vessel: str, fraction: float) -> Site:
        """Where the network holds the place at `fraction` of a healthy vessel's length."""
        piece = next(piece for piece in self.pieces(vessel) if fraction <= piece.end or piece.end == 1.0)
        return Site(piece.name, (fraction - piece.start) / (piece.end - piece.start))

    def above(self, vessel: str) -> Site:
        """Upstream of the vessel's lesions, three quarters of the way to the first; a quarter along, if it has none."""
        first = self.pieces(vessel)[0]
        if first.lesion is not None:
            return Site(first.name, 0.0)
        return Site(first.name, 0.25 if first.end == 1.0 else 0.75)

    def below(self, vessel: str) -> Site:
        """Downstream of the vessel's lesions, a quarter behind the last; three quarters along, if it has none."""
        last = self.pieces(vessel)[-1]
        if last.lesion is not None:
            return Site(last.name, 1.0)
        return Site(last.name, 0.75 if last.start == 0.0 else 0.25)

    def piece_of(self, lesion: Stenosis) -> str:
        """The name of a lesion's own piece, such as `ijv_r.lesion`; `ijv_r.hypoplasia` of one with others in it."""
        own = (piece.name for piece in self.pieces(lesion.vessel) if piece.lesion == lesion)
        return next(own, f"{lesion.vessel}.hypoplasia")

    def ends_of(self, lesion: Stenosis) -> tuple[Site, Site]:
        """Just above and just below a lesion, in the vessel beside it; at its own end where it reaches the vessel's."""
        along = self.pieces(lesion.vessel)
        first, last = along[0], along[-1]
        for before, piece, after in zip((None, *along), along, (*along[1:], None), strict=False):
            if piece.lesion == lesion:
                above = Site(before.name, 1.0) if before else Site(piece.name, 0.0)
                return above, Site(after.name, 0.0) if after else Site(piece.name, 1.0)
        return Site(first.name, 0.0), Site(last.name, 1.0)

    def hypoplasia_of(self, vessel: str) -> Stenosis | None:
        """The lesion by which a whole vessel is small, if it is."""
        return lesions_of.hypoplasia_of(vessel, self.lesions)

    def __repr__(self) -> str:
        posture = next((name for name, angle in POSTURES.items() if angle == self.posture_degrees), None)
        tilt = f", {posture or f'tilted {self.posture_degrees:g} degrees head up'}" if self.places else ""
        whole = Counter(self.kinds.values())
        kinds = f"{whole['artery']} arteries, {whole['vein']} veins, {whole['sinus']} sinuses"
        beat = self.network.period / self.network.beats
        rows = [
            kinds if self.kinds else f"{len(self.lengths)} vessels",
            ", ".join(self._organs()),
            f"{self.blood_volume / litre:.2f} L of blood, {60.0 / beat:.3g} beats a minute",
            "lesions" if self.lesions else "no lesions",
        ]
        lines = [f"Body '{self.name}'{tilt}"]
        lines += [f"├── {row}" for row in rows[:-1]] + [f"└── {rows[-1]}"]
        last = len(self.lesions) - 1
        lines += [f"    {'└' if i == last else '├'}── {lesion}" for i, lesion in enumerate(self.lesions)]
        return "\n".join(lines)

    def _organs(self) -> list[str]:
        """What there is beside vessels: a network from elsewhere may have no heart."""
        stores = {store.name for store in self.network.stores}
        beds = sum(name.endswith(".arteriole") for name in stores)
        organs = [organ for organ, store in ORGANS.items() if store in stores]
        return [f"{beds} beds", *organs] if beds else organs or [f"{len(stores)} stores"]
