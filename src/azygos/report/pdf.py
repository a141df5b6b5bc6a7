"""Pages as PDF, by WeasyPrint, from the same HTML and by the same print rules (base.html.j2) as a browser prints.

WeasyPrint rather than a browser: it is a library of pure Python beside the system's Pango, keeps drawings as vectors,
knows running heads and page numbers, and gives the same bytes again.
"""

from importlib import import_module

from azygos.errors import InputError, Problem

__all__ = ["check_library", "pdf"]


def check_library() -> None:
    """Raises InputError where WeasyPrint, or the Pango it needs, is not installed."""
    try:
        import_module("weasyprint")
    except ModuleNotFoundError:
        raise _missing("WeasyPrint, which makes PDF, is not installed", "pip install 'azygos[pdf]'") from None
    except OSError:  # it loads Pango when it is imported
        remedy = "your system's package of Pango (weasyprint's documentation, first steps)"
        raise _missing("Pango, with which WeasyPrint sets text, is not installed", remedy) from None


def _missing(what: str, package: str) -> InputError:
    return InputError(Problem(what, "--pdf", f"install {package}, or print the page from a browser"))


def pdf(html: str) -> bytes:
    """The PDF of a page that needs nothing beside it; the same page gives the same bytes.

    Raises InputError where what makes it is not installed.
    """
    check_library()
    from weasyprint import HTML  # type: ignore[import-untyped]  # it has no types
    from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]  # it has no types

    within = URLFetcher(allowed_protocols=("data",), fail_on_errors=True)  # nothing beside the page is read
    return bytes(HTML(string=html, url_fetcher=within).write_pdf(pdf_identifier=b"azygos"))
