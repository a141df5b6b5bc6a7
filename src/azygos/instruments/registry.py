"""The instruments by name, and where each of them is usually put."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from azygos.errors import InputError, Problem, close_matches
from azygos.instruments.instrument import AbstractInstrument
from azygos.instruments.recording import Site

__all__ = ["INSTRUMENTS", "default_sites", "instrument"]

INSTRUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "ultrasound": "azygos.instruments.ultrasound:Ultrasound",
        "mri": "azygos.instruments.mri:Mri",
        "venography": "azygos.instruments.venography:Venography",
        "ivus": "azygos.instruments.venography:Ivus",
        "manometry": "azygos.instruments.manometry:Manometry",
    }
)


def _both(*places: tuple[str, float]) -> tuple[Site, ...]:
    return tuple(Site(vessel=f"{name}_{side}", fraction=at) for side in "rl" for name, at in places)


_JUGULAR = (("ijv", 0.1), ("ijv", 0.5), ("ijv", 0.9))  # J3, J2 and J1, from the skull down
_CHEST = (Site(vessel="svc_upper"), Site(vessel="azygos", fraction=0.9))  # of the azygos vein, its arch
_SITES: Mapping[str, tuple[Site, ...]] = MappingProxyType(
    {
        "mri": (
            Site(vessel="sss_posterior"), Site(vessel="straight_sinus"),
            *_both(("transverse_sinus", 0.5), *_JUGULAR, ("vertebral_vein", 0.5)), *_CHEST,
        ),
        "venography": (
            *_both(("transverse_sinus", 0.5), ("sigmoid_sinus", 0.5), ("ijv", 0.5), ("brachiocephalic", 0.5)), *_CHEST,
        ),
        "ivus": (*_both(("ijv", 0.5), ("brachiocephalic", 0.5)), *_CHEST),
        "manometry": (
            Site(vessel="sss_posterior", fraction=0.9),
            *_both(("transverse_sinus", 0.1), ("sigmoid_sinus", 0.9), *_JUGULAR, ("brachiocephalic", 0.5)), *_CHEST,
        ),
    }
)  # fmt: skip


def default_sites(name: str) -> tuple[Site, ...]:
    """Where the instrument is put when nobody says otherwise."""
    if name == "ultrasound":
        from azygos.instruments.ultrasound import SITES

        return SITES
    return _SITES[name]


def instrument(name: str, *, exact: bool = False) -> AbstractInstrument:
    """The instrument with its usual settings, or without errors. Raises InputError for one that is not there."""
    if name not in INSTRUMENTS:
        raise InputError(Problem(f"no instrument '{name}'", remedy=close_matches(name, INSTRUMENTS)))
    module, _, kind = INSTRUMENTS[name].partition(":")
    try:
        made = getattr(import_module(module), kind)(exact=exact)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        remedy = "look without it"
        raise InputError(Problem(f"the instrument '{name}' is not in this version", remedy=remedy)) from None
    assert isinstance(made, AbstractInstrument)
    return made
