"""The work of the Study screen: from a request to its answer."""

from collections.abc import Callable
from typing import Any

from azygos.errors import InputError
from azygos.web.study import designed, enrolled
from azygos.web.study_audit import audited
from azygos.web.study_data import analysed
from azygos.web.study_files import spoken
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

OPTIONS = {"--effect": "effect", "--off": "off", "; or --n": "", " (--dictionary)": ""}


def study_done(request: StudyRequest, progress: Callable[[str, float], None]) -> dict[str, Any]:
    """The answer. Raises InputError, in words of a screen: where a command has an option, it has a field."""
    try:
        return _done(request, progress)
    except InputError as error:
        raise spoken(error, OPTIONS) from None


def _done(request: StudyRequest, progress: Callable[[str, float], None]) -> dict[str, Any]:
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
