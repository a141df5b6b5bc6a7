"""The work of the Study screen: from a request to its answer."""

from collections.abc import Callable
from typing import Any

from azygos.web.study import designed, enrolled
from azygos.web.study_audit import audited
from azygos.web.study_data import analysed
from azygos.web.study_requests import (
    AnalyseRequest,
    AuditRequest,
    DesignRequest,
    EnrolRequest,
    StudyRequest,
    TrialRequest,
)
from azygos.web.study_trial import judged

__all__ = ["study_done"]


def study_done(request: StudyRequest, progress: Callable[[str, float], None]) -> dict[str, Any]:
    """The answer. Raises InputError."""
    match request:
        case DesignRequest():
            return designed(request, progress)
        case EnrolRequest():
            return enrolled(request, progress)
        case TrialRequest():
            return judged(request, progress)
        case AnalyseRequest():
            return analysed(request, progress)
        case AuditRequest():
            return audited(request, progress)
