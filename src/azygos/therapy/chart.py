"""The operator's map: how long a vessel is and where it goes on, as anatomy has it, without anything of the patient's
narrowings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from azygos.body.body import Body
from azygos.body.network import Vessel
from azygos.instruments.recording import Site

__all__ = ["Chart"]

CATHETER_END = 0.02  # of a vessel that goes on nowhere, where the last pressure is taken. assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lengths [m] of the vessels, and beside each the one that it comes from and the one that it goes on into."""

    lengths: Mapping[str, float]
    before: Mapping[str, str]
    after: Mapping[str, str]

    @classmethod
    def of(cls, body: Body) -> "Chart":
        """Of several vessels that meet one, the widest of its side of the circulation is where a catheter goes."""
        vessels = body.healthy.vessels
        before = {one.name: _widest(body, one, list(_meeting(body, one, at_end=False))) for one in vessels}
        after = {one.name: _widest(body, one, list(_meeting(body, one, at_end=True))) for one in vessels}
        return cls(
            lengths=body.lengths,
            before={name: other for name, other in before.items() if other},
            after={name: other for name, other in after.items() if other},
        )

    def site(self, vessel: str, distance: float) -> Site:
        """The place at a distance [m] from a vessel's upstream end; beyond its ends in the vessel that goes on."""
        length = self.lengths[vessel]
        if distance < 0.0 and vessel in self.before:
            other = self.before[vessel]
            return Site(vessel=other, fraction=max(CATHETER_END, 1.0 + distance / self.lengths[other]))
        if distance > length and vessel in self.after:
            other = self.after[vessel]
            return Site(vessel=other, fraction=min(1.0 - CATHETER_END, (distance - length) / self.lengths[other]))
        return Site(vessel=vessel, fraction=min(max(distance / length, CATHETER_END), 1.0 - CATHETER_END))


def _meeting(body: Body, vessel: Vessel, *, at_end: bool) -> Iterator[Vessel]:
    """The vessels that begin where this one ends, or end where it begins, at the node or behind a link from it."""
    network = body.healthy
    if at_end:
        nodes = {vessel.end, *(link.end for link in network.links if link.start == vessel.end)}
        yield from (other for other in network.vessels if other.start in nodes)
    else:
        nodes = {vessel.start, *(link.start for link in network.links if link.end == vessel.start)}
        yield from (other for other in network.vessels if other.end in nodes)


def _widest(body: Body, vessel: Vessel, others: list[Vessel]) -> str:
    is_artery = body.kinds[vessel.name] == "artery"
    alike = [other for other in others if (body.kinds[other.name] == "artery") is is_artery]
    return max(alike, key=lambda other: sum(other.radius)).name if alike else ""
