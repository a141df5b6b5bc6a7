"""Pages: HTML files that need nothing beside them, all in one style (base.html.j2)."""

__all__ = ["render"]


def render(template: str, **values: object) -> str:
    """The page of a template of this room."""
    from importlib.metadata import version

    import jinja2

    loader = jinja2.PackageLoader("azygos.report", ".")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, loader=loader, auto_reload=False
    )
    return environment.get_template(template).render(version=version("azygos"), **values)
