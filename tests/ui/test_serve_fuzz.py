"""Requests made up from the server's own description: whatever is asked, it answers as it said it would.

Few of them here, always the same ones; benchmarks/README.md has the command for thousands.
"""

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("schemathesis")
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode, checks

from azygos.web.app import served
from azygos.web.workshop import Limits
from serving import listening

EXAMPLES = 10  # of each operation, sound ones and broken ones
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.allow_header_conformance,
]
QUICK = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
OPERATIONS = ("about", "map_of", "vessel", "as_script", "ask", "state", "cancel", "events", "answer", "picture")


@pytest.fixture(scope="module")
def schema():
    """The description that a server gives of itself, which is asked where it listens."""
    limits = Limits(workers=1, waiting=2, seconds=2.0)  # full at once, so that this is tried too
    with listening(served(limits=limits, warm=False)) as (host, port):
        yield schemathesis.openapi.from_url(f"http://{host}:{port}/api/openapi.json")


def test_every_operation_is_tried(schema):
    described = {found.ok().definition.raw["operationId"] for found in schema.get_all_operations()}
    assert set(OPERATIONS) <= described


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_a_request_is_answered_as_described_whether_it_is_sound_or_not(schema, mode):
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not operation.body and not list(operation.iter_parameters()):
            continue  # nothing that could be wrong

        @QUICK
        @given(case=operation.as_strategy(generation_mode=mode))
        def answered(case):
            case.call_and_validate(checks=CHECKS)

        answered()


def test_a_job_followed_from_its_making_to_its_answer_keeps_to_the_description(schema):
    class Way(schema.as_state_machine()):
        def validate_response(self, response, case, additional_checks=(), **options):
            case.validate_response(response, checks=CHECKS)

    run_state_machine_as_test(Way, settings=settings(QUICK, max_examples=5, stateful_step_count=6))
