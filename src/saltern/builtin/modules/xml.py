"""Values and attributes of XML files, found by ElementTree's paths (`.//element[@id='3']`)."""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from xml.etree.ElementTree import Element, ElementTree


def get_value(file: str, element: str) -> str | bool | None:
    """The text of the first element at a path; False when there is none.

    CLI Example::

        saltern run '*' xml.get_value /tmp/test.xml ".//element"
    """
    found = _find(_parsed(file), element)
    return False if found is None else found.text


def set_value(file: str, element: str, value: Any) -> bool:
    """Set the text of the first element at a path.

    CLI Example::

        saltern run '*' xml.set_value /tmp/test.xml ".//element" "new value"
    """
    tree = _parsed(file)
    _needed(tree, file, element).text = str(value)
    tree.write(file)
    return True


def get_attribute(file: str, element: str) -> dict[str, str] | bool:
    """The attributes of the first element at a path; False when there is none.

    CLI Example::

        saltern run '*' xml.get_attribute /tmp/test.xml ".//element[@id='3']"
    """
    found = _find(_parsed(file), element)
    return False if found is None else dict(found.attrib)


def set_attribute(file: str, element: str, key: str, value: Any) -> bool:
    """Set an attribute of the first element at a path.

    CLI Example::

        saltern run '*' xml.set_attribute /tmp/test.xml ".//element[@id='3']" editedby "gal"
    """
    tree = _parsed(file)
    _needed(tree, file, element).set(key, str(value))
    tree.write(file)
    return True


def _parsed(file: str) -> ElementTree[Any]:
    from xml.etree import ElementTree

    try:
        return ElementTree.parse(file)
    except (OSError, ElementTree.ParseError) as error:
        raise CommandExecutionError(f"{file} cannot be read: {error}") from error


def _find(tree: ElementTree[Any], element: str) -> Element | None:
    try:
        return tree.find(element)
    except SyntaxError as error:
        raise CommandExecutionError(f"{element!r} is no path of an element: {error}") from error


def _needed(tree: ElementTree[Any], file: str, element: str) -> Element:
    found = _find(tree, element)
    if found is None:
        raise CommandExecutionError(f"{file} has no element at {element}")
    return found
