"""Sending mail."""

from __future__ import annotations

from typing import NamedTuple

from saltern.plugin_api.errors import CommandExecutionError, ReturnRefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = 20.0


class Mail(NamedTuple):
    """A mail of one text; `html` says which kind. Recipients are a list, or a text in which commas part them."""

    sender: str
    recipients: str | Sequence[str]
    subject: str
    text: str
    html: bool = False


class MailServer(NamedTuple):
    """Where mail is handed in; port 0 is the usual one."""

    host: str
    port: int = 0
    username: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False

    def send(self, mail: Mail) -> None:
        """Hand in a mail. `ReturnRefusedError` when it is not taken for good, `CommandExecutionError` when not now."""
        import smtplib
        import ssl
        from email.message import EmailMessage

        message = EmailMessage()
        message["From"] = mail.sender
        message["To"] = ", ".join(_addresses(mail.recipients))
        message["Subject"] = " ".join(mail.subject.split())
        message.set_content(mail.text, subtype="html" if mail.html else "plain")
        context = ssl.create_default_context() if self.tls or self.starttls else None
        try:
            server = (
                smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=context)
                if self.tls
                else smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
            )
            with server:
                if self.starttls:
                    server.starttls(context=context)
                if self.username:
                    server.login(self.username, self.password)
                server.send_message(message)
        except smtplib.SMTPResponseException as error:
            said = (
                error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
            )
            lasting = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
            kind = ReturnRefusedError if lasting else CommandExecutionError
            raise kind(f"The mail server {self.host} answers {error.smtp_code}: {said}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise CommandExecutionError(f"The mail server {self.host} does not take the mail: {error}") from error


def _addresses(recipients: str | Sequence[str]) -> list[str]:
    names = recipients.split(",") if isinstance(recipients, str) else recipients
    return [name.strip() for name in names if name.strip()]
