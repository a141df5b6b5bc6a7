"""What a person's body is made from: who, which variants of the anatomy, and factors on named quantities."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from azygos.body.network import Network
from azygos.body.parameter import apply
from azygos.body.person import Person
from azygos.body.reference import reference_network

__all__ = ["Recipe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    person: Person = Person()
    variants: tuple[str, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)  # factors on the person's own values

    def network(self) -> Network:
        """The healthy supine circulation. Raises InputError for variants or parameters that are not known or wrong."""
        return apply(reference_network(self.person, self.variants), self.parameters)
