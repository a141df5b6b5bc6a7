"""What there is to choose from on the Study screen."""

from functools import lru_cache
from typing import Any

from fastapi import FastAPI

__all__ = ["add_studies"]


def add_studies(app: FastAPI) -> None:
    """The routes of facts about studies; what is done with them is asked for as jobs."""

    @app.get("/api/studies")
    def studies() -> dict[str, Any]:
        """The studies and files of claims that ship, the layers of the model, and the named effects."""
        return _studies()

    @app.get("/api/examples")
    def files() -> dict[str, list[dict[str, str]]]:
        """Files to try the screen with: reports, data, designs."""
        from azygos.web.study_audit import examples

        return examples()


@lru_cache(maxsize=1)
def _studies() -> dict[str, Any]:
    from azygos.exchange.study import named_study
    from azygos.report.trial import ABOUT
    from azygos.trial.study import LAYERS, packaged_names
    from azygos.web.study_audit import shipped_claims
    from azygos.web.study_requests import MOST_PEOPLE, MOST_REPEATS
    from azygos.web.study_told import listed

    return {
        "note": ABOUT,
        "studies": [listed(named_study(name)) for name in packaged_names()],
        "layers": [{"name": name, "what": what} for name, what in LAYERS.items()],
        "claims": shipped_claims(),
        "most": {"people": MOST_PEOPLE, "repeats": MOST_REPEATS},
    }
