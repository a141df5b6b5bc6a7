"""How an object shows itself in a notebook: by the page that `azygos.view` makes of it.

The objects lie on low floors and the pictures on a high one. So an object asks the front door of the house, which
imports the pictures when somebody looks, and no floor knows of one above.
"""

__all__ = ["html"]


def html(thing: object) -> str:
    """The object as HTML; a class takes this as its `_repr_html_`."""
    import azygos

    return azygos.view(thing)
