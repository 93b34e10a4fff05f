"""News between rooms. A lower room publishes a frozen dataclass, an upper app subscribes in `AppConfig.ready`.

Subscribers run at once, in the publisher's transaction and in the order of subscription: what one raises undoes the
publisher's work too. Anything slow only enqueues a job.
"""

from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any, TypeVar, overload

E = TypeVar("E")
Handler = Callable[[E], None]

_handlers: dict[type, list[Callable[[Any], None]]] = {}


def _name(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


@overload
def subscribe(event_type: type[E]) -> Callable[[Handler[E]], Handler[E]]: ...
@overload
def subscribe(event_type: type[E], handler: Handler[E]) -> Handler[E]: ...
def subscribe(event_type: type[E], handler: Handler[E] | None = None) -> Any:
    """Let `handler` hear every event of exactly this type; also a decorator. Subscribing twice is hearing once.

    Raises TypeError when the type is not a frozen dataclass: subscribers share one object.
    """
    if handler is None:
        return lambda decorated: subscribe(event_type, decorated)
    if not is_dataclass(event_type) or not event_type.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise TypeError(f"{_name(event_type)} must be a frozen dataclass")
    listeners = _handlers.setdefault(event_type, [])
    if handler not in listeners:
        listeners.append(handler)
    return handler


def publish(event: object) -> None:
    """Tell every subscriber of the event's exact type. Call it inside the transaction that made the news true."""
    for handler in tuple(_handlers.get(type(event), ())):
        handler(event)


def heard() -> dict[str, list[str]]:
    """Who hears what: dotted names of events → dotted names of handlers, both sorted."""
    pairs = {_name(event): sorted(_name(handler) for handler in handlers) for event, handlers in _handlers.items()}
    return dict(sorted(pairs.items()))
