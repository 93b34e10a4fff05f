"""What lesson templates ask of mappings."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import template

register = template.Library()


@register.filter
def of_uid(held: Mapping[Any, Any] | None, uid: UUID) -> Any:
    """What a mapping holds of a thing, by its uuid or that as text; None without: `checks|of_uid:block.uid`."""
    return (held or {}).get(uid) or (held or {}).get(str(uid))
