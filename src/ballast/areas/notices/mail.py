"""E-mail out: one plain text through the configured server, and what the server answered."""

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from ballast.areas.notices.channels import Answer

if TYPE_CHECKING:
    from ballast.areas.notices.models import Message

__all__ = ["configured", "probe", "send"]

_ACCEPTED, _RECIPIENT_ACCEPTED, _REFUSED = 250, (250, 251), 500


def configured() -> bool:
    """Whether the operator named a mail server."""
    return bool(settings.EMAIL_HOST)


def send(message: "Message") -> Answer:
    """Hand one message to the mail server. It is sent when the server has taken it, and only then."""
    if not configured():
        return Answer(_("No mail server is configured (BALLAST_MAIL_HOST)."), unreachable=True)
    try:
        with _connection() as server:
            return _hand_over(server, message.target, _written(message))
    except smtplib.SMTPAuthenticationError as error:
        return Answer(_told(error.smtp_code, error.smtp_error), unreachable=True)
    except smtplib.SMTPResponseException as error:
        return Answer(_told(error.smtp_code, error.smtp_error), unreachable=True)
    except (OSError, smtplib.SMTPException) as error:
        return Answer(f"{type(error).__name__}: {error}", unreachable=True)


def probe(address: str) -> Answer:
    """Send a test text to the address through the configured server."""
    if not configured():
        return Answer(_("No mail server is configured (BALLAST_MAIL_HOST)."), unreachable=True)
    letter = _letter(address, _("Test of the mail server"), _("This is a test. E-mail from Ballast arrives here."))
    try:
        with _connection() as server:
            return _hand_over(server, address, letter)
    except (OSError, smtplib.SMTPException) as error:
        return Answer(f"{type(error).__name__}: {error}", unreachable=True)


def _connection() -> smtplib.SMTP:
    """A connection that is encrypted and signed in as the settings say."""
    host, port, wait = settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT
    if settings.EMAIL_USE_SSL:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=wait, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=wait)
    try:
        if settings.EMAIL_USE_TLS:
            server.starttls(context=ssl.create_default_context())
        if settings.EMAIL_HOST_USER:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except Exception:
        server.close()
        raise
    return server


def _hand_over(server: smtplib.SMTP, address: str, letter: EmailMessage) -> Answer:
    """The commands one by one, because only the answer to the last one says that the server has taken it."""
    server.ehlo_or_helo_if_needed()
    code, answer = server.mail(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    if code != _ACCEPTED:
        # The sender is refused, so every other letter would be too.
        return Answer(_told(code, answer), unreachable=True)
    code, answer = server.rcpt(address)
    if code not in _RECIPIENT_ACCEPTED:
        return Answer(_told(code, answer), final=code >= _REFUSED)
    code, answer = server.data(letter.as_bytes(policy=WIRE))
    return Answer(_told(code, answer), sent=code == _ACCEPTED, final=code >= _REFUSED)


def _told(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {text}"


def _written(message: "Message") -> EmailMessage:
    letter = _letter(message.target, message.subject, message.body)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    # The same in every attempt: a mail server or reader that gets it twice shows it once.
    letter["Message-ID"] = f"<{message.delivery}@{domain}>"
    return letter


def _letter(address: str, subject: str, text: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = settings.DEFAULT_FROM_EMAIL
    letter["To"] = address
    letter["Subject"] = " ".join(subject.split())
    letter["Date"] = format_datetime(timezone.now())
    # Holiday answers of mailboxes are not sent to letters that a program wrote.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text, cte="quoted-printable" if text.isascii() else "base64")
    return letter
