"""What there is, without any work: the program and its catalogues, the map of a body, what tables say, a script."""

import asyncio
import json
from functools import lru_cache
from importlib.metadata import version
from typing import Any
from weakref import WeakValueDictionary

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from azygos.body.catalogue import facts
from azygos.body.variant import variants
from azygos.errors import InputError
from azygos.exchange.cohort import named_cohort, packaged_names
from azygos.instruments.registry import INSTRUMENTS
from azygos.report.look import title_of
from azygos.therapy.catalogue import atm, stock
from azygos.therapy.procedure import SIMULATED
from azygos.units import mm
from azygos.web.answer import QUANTITIES
from azygos.web.atlas import atlas
from azygos.web.contract import JSON, UNKNOWN, Client, Facts, Name
from azygos.web.problems import problems
from azygos.web.refusals import refusal
from azygos.web.requests import BodyRequest, WorkRequest
from azygos.web.script import script

__all__ = ["add_facts"]


def add_facts(app: FastAPI) -> None:
    @app.get("/api/about")
    def about() -> dict[str, Any]:
        """The program, the devices, the instruments and the variants that there are."""
        return _about()

    # A map takes a quarter of a second of this process, which others wait for: one at a time, and of each client one
    # in the row for it.
    drawing, rows = asyncio.Lock(), WeakValueDictionary[str, asyncio.Lock]()

    @app.post("/api/atlas", response_class=Response, responses=JSON)
    async def map_of(body: BodyRequest, client: Client, request: Request) -> Response:
        """The map of a body."""
        async with rows.setdefault(client, asyncio.Lock()), drawing:
            if await request.is_disconnected():  # a lesion that is dragged asks anew at every step
                return Response(status_code=408)
            lying = body.model_copy(update={"posture": 0.0})  # every posture has the same map
            return Response(await run_in_threadpool(_atlas, lying), media_type="application/json")

    @app.get("/api/vessels/{name}", response_model=Facts, responses=UNKNOWN)
    def vessel(name: Name) -> dict[str, Any] | Response:
        """What the tables say of a vessel, each number with unit and source."""
        try:
            found = facts(name)
        except InputError as error:
            return refusal(404, problems(error))
        told = [{"quantity": f.quantity, "value": f.value, "unit": f.unit, "source": f.source} for f in found]
        return {"name": name, "facts": told}

    @app.post("/api/script", response_class=PlainTextResponse)
    def as_script(request: WorkRequest) -> str:
        """The Python that does the same."""
        return script(request)


@lru_cache(maxsize=64)
def _atlas(body: BodyRequest) -> bytes:
    return json.dumps(atlas(body.shown()), allow_nan=False, separators=(",", ":")).encode()


@lru_cache(maxsize=1)
def _about() -> dict[str, Any]:
    catalogue = stock()
    return {
        "version": version("azygos"),
        "note": SIMULATED,
        "units": {name: unit for name, (_, unit) in QUANTITIES.items()},
        "instruments": [{"name": name, "title": title_of(name)} for name in INSTRUMENTS],
        "cohorts": [{"name": name, "title": named_cohort(name).title} for name in packaged_names()],
        "variants": [{"name": v.name, "what": v.what, "source": v.source} for v in variants().values()],
        "balloons": [
            {"name": b.name, "diameter": b.diameter / mm, "length": b.length / mm, "rated": b.rated / atm,
             "source": b.source}
            for b in catalogue.balloons.values()
        ],
        "stents": [
            {"name": s.name, "diameter": s.diameter / mm, "length": s.length / mm, "design": s.design,
             "sites": list(s.sites), "source": s.source}
            for s in catalogue.stents.values()
        ],
    }  # fmt: skip
