"""azygos: an in-silico laboratory for opening blocked veins.

    body = azygos.Body.reference().with_lesion("ijv_r: 80 % area at 0.5, 20 mm")
    solution = azygos.simulate(body)
    treatment = azygos.treat(body)

Names are imported when they are first used, so that `import azygos` takes milliseconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from azygos.shown import seen_by as _seen_by

if TYPE_CHECKING:
    from azygos.body.body import Body
    from azygos.body.condition import Breathing, cough, valsalva
    from azygos.body.lesion import Stenosis
    from azygos.body.network import Network
    from azygos.engine.compile import Mesh
    from azygos.engine.keep import Keep
    from azygos.engine.measure import Measure
    from azygos.engine.outcome import Outcome
    from azygos.engine.solution import Solution
    from azygos.engine.solve import Numerics, simulate
    from azygos.errors import InputError
    from azygos.exchange.measurements import read_measurements
    from azygos.exchange.native import read_network, write_network
    from azygos.exchange.person import read_body, write_body
    from azygos.instruments.examination import look
    from azygos.population.fit import fit
    from azygos.report.notebook import view
    from azygos.therapy.conduct import conduct
    from azygos.therapy.device import Balloon, Stent
    from azygos.therapy.procedure import Treatment, treat

    __version__: str

__all__ = [
    "Balloon", "Body", "Breathing", "InputError", "Keep", "Measure", "Mesh", "Network", "Numerics", "Outcome",
    "Solution", "Stenosis", "Stent", "Treatment", "__version__", "conduct", "cough", "fit", "look",
    "read_body", "read_measurements", "read_network", "simulate", "treat", "valsalva", "view", "write_body",
    "write_network",
]  # fmt: skip

_HOMES = {
    "Balloon": "azygos.therapy.device",
    "Body": "azygos.body.body",
    "Breathing": "azygos.body.condition",
    "InputError": "azygos.errors",
    "Keep": "azygos.engine.keep",
    "Measure": "azygos.engine.measure",
    "Mesh": "azygos.engine.compile",
    "Network": "azygos.body.network",
    "Numerics": "azygos.engine.solve",
    "Outcome": "azygos.engine.outcome",
    "Solution": "azygos.engine.solution",
    "Stenosis": "azygos.body.lesion",
    "Stent": "azygos.therapy.device",
    "Treatment": "azygos.therapy.procedure",
    "conduct": "azygos.therapy.conduct",
    "cough": "azygos.body.condition",
    "fit": "azygos.population.fit",
    "look": "azygos.instruments.examination",
    "read_body": "azygos.exchange.person",
    "read_measurements": "azygos.exchange.measurements",
    "read_network": "azygos.exchange.native",
    "simulate": "azygos.engine.solve",
    "treat": "azygos.therapy.procedure",
    "valsalva": "azygos.body.condition",
    "view": "azygos.report.notebook",
    "write_body": "azygos.exchange.person",
    "write_network": "azygos.exchange.native",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("azygos")
    if name not in _HOMES:
        raise AttributeError(f"module 'azygos' has no attribute '{name}'")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value  # found at once the next time
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


_seen_by(lambda thing: cast(str, import_module("azygos.report.notebook").view(thing)))
