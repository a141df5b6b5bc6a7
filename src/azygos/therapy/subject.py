"""The body to be treated: given, or made from a network that holds all that a treatment reads."""

from collections.abc import Iterator

from azygos.body.body import Body
from azygos.body.network import Network, Vessel
from azygos.body.reference import kinds as reference_kinds
from azygos.body.reference import places as reference_places
from azygos.body.wall import SinusWall, VeinWall
from azygos.errors import InputError, Problem, near_matches
from azygos.therapy.reading import AORTA, AORTIC_VALVE, RIGHT_ATRIUM, VESSELS

__all__ = ["as_body", "tilted"]


def as_body(subject: Body | Network) -> Body:
    """The body that `subject` is. Raises InputError naming every part that a treatment reads and it lacks.

    A network whose nodes are those of the reference body is drawn and tilted like it; another is neither.
    """
    network = subject.healthy if isinstance(subject, Body) else subject
    problems = list(_missing(network))
    if problems:
        raise InputError(problems)
    if isinstance(subject, Body):
        return subject
    known = reference_places()
    drawn = all(node in known for node in network.nodes)
    return Body(name=network.name, healthy=network, places=known if drawn else {}, kinds=_kinds(network))


def tilted(body: Body, posture: str | float) -> Body:
    """`body.with_posture`; raises InputError for a body of which it is not known where its nodes lie."""
    if any(height != 0.0 for height in body.healthy.heights.values()):
        what = f"'{body.name}' has heights of its own, which are its posture"
        raise InputError(Problem(what, f"posture '{posture}'", "leave the posture out, or remove the heights"))
    if not body.places and posture not in ("supine", 0.0):
        what = f"it is not known where the nodes of '{body.name}' lie along the body"
        raise InputError(Problem(what, f"posture '{posture}'", "give the heights of its nodes in the file instead"))
    return body.with_posture(posture)


def _missing(network: Network) -> Iterator[Problem]:
    parts = (
        ("vessel", (*VESSELS, AORTA), [vessel.name for vessel in network.vessels]),
        ("node", (RIGHT_ATRIUM,), list(network.nodes)),
        ("link", (AORTIC_VALVE,), [link.name for link in network.links]),
    )
    for kind, wanted, known in parts:
        for name in wanted:
            if name not in known:
                remedy = near_matches(name, known) or "'azygos simulate' takes a network without it"
                yield Problem(f"no {kind} '{name}', which a treatment reads", f"network '{network.name}'", remedy)


def _kinds(network: Network) -> dict[str, str]:
    known = reference_kinds()
    return {vessel.name.partition(".")[0]: known.get(vessel.name) or _kind(vessel) for vessel in network.vessels}


def _kind(vessel: Vessel) -> str:
    match vessel.wall:
        case VeinWall():
            return "vein"
        case SinusWall():
            return "sinus"
        case _:
            return "artery"
