"""Webhooks out: one signed POST to an address that may be called, and what it answered."""

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from ballast.areas.notices.channels import LONGEST_ANSWER, Answer

if TYPE_CHECKING:
    from ballast.areas.notices.models import Message

__all__ = ["AddressError", "check_url", "send", "signature"]

_WAIT = 10.0
_GONE, _MOVED, _FAULT = 410, 300, 400
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressError(ValueError):
    """An address that no message is sent to; its text says why."""


def signature(secret: str, timestamp: str, delivery: str, body: bytes) -> str:
    """Hex HMAC-SHA256 over "timestamp.delivery.body": who knows the secret knows that nothing was altered."""
    return hmac.new(secret.encode(), f"{timestamp}.{delivery}.".encode() + body, hashlib.sha256).hexdigest()


def check_url(url: str) -> SplitResult:
    """The parts of the address. Raises AddressError unless it is http or https with a host, and without a user."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressError(_("“{url}” is not an address.").format(url=url)) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        message = _("“{url}” is not an address that can be called; give one that begins with https:// or http://.")
        raise AddressError(message.format(url=url))
    if parts.username or parts.password or not url.isascii() or any(c <= " " for c in url):
        message = _("Give the address without a user, a password, spaces or other than plain letters.")
        raise AddressError(message)
    return parts


def reachable(host: str, port: int) -> list[tuple[int, str]]:
    """(family, IP address) of every address of the host. Raises AddressError when one of them may not be called."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise AddressError(_("{host} has no address: {reason}").format(host=host, reason=error)) from None
    except UnicodeError:
        raise AddressError(_("{host} has no address: {reason}").format(host=host, reason="name")) from None
    addresses = [(int(family), str(place[0])) for family, _type, _protocol, _name, place in found]
    for _family, address in addresses:
        if not _allowed(ipaddress.ip_address(address.partition("%")[0])):
            message = _("{host} is {address}, inside a private network. An operator allows that: {setting}=yes.")
            raise AddressError(message.format(host=host, address=address, setting="BALLAST_WEBHOOK_PRIVATE"))
    return addresses


def _allowed(address: _Address) -> bool:
    """Public addresses always, private ones by setting, never one that names no single machine or a cloud's own."""
    address = _inner(address)
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    return address.is_global or settings.WEBHOOK_PRIVATE


def _inner(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 one only wraps."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def send(message: "Message") -> Answer:
    """POST one message. It is sent when the answer is 2xx; a redirect is not followed, wherever it leads."""
    hook = message.webhook
    if hook is None or not hook.active:
        return Answer(_("The webhook is switched off."), final=True)
    try:
        parts = check_url(hook.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connection = _connect(parts, port)
    except (AddressError, OSError) as error:
        return Answer(str(error) or type(error).__name__)
    try:
        return _post(connection, parts, message, hook.secret)
    except (OSError, http.client.HTTPException) as error:
        return Answer(f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def _connect(parts: SplitResult, port: int) -> http.client.HTTPConnection:
    """A connection to an address that was checked: the name is not looked up a second time, so it cannot change."""
    host = parts.hostname or ""
    last: OSError | None = None
    for _family, address in reachable(host, port)[:4]:
        try:
            raw = socket.create_connection((address, port), timeout=_WAIT)
        except OSError as error:
            last = error
            continue
        connection = http.client.HTTPConnection(host, port, timeout=_WAIT)
        if parts.scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
        connection.sock = raw
        return connection
    raise last or OSError(host)


def _post(connection: http.client.HTTPConnection, parts: SplitResult, message: "Message", secret: str) -> Answer:
    body, delivery = message.body.encode(), str(message.delivery)
    timestamp = str(int(timezone.now().timestamp()))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Ballast",
        "X-Ballast-Event": message.kind,
        "X-Ballast-Delivery": delivery,
        "X-Ballast-Timestamp": timestamp,
        "X-Ballast-Signature": f"sha256={signature(secret, timestamp, delivery, body)}",
    }
    connection.request("POST", target, body, headers)
    answer = connection.getresponse()
    said = answer.read(LONGEST_ANSWER).decode("utf-8", "replace")
    text = f"{answer.status} {answer.reason} {said}"
    if _MOVED <= answer.status < _FAULT:
        text = _("{status}: redirects are not followed; give the address that it leads to.").format(
            status=answer.status
        )
    return Answer(text, sent=200 <= answer.status < _MOVED, final=answer.status == _GONE)
