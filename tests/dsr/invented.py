"""The mails that the project invented, in the shapes that mail programs give them."""

import base64
from email import policy
from email.message import EmailMessage

import yaml

from tests.dsr.mails import COLLECTION

CHARSETS = {
    "latin1": "iso-8859-1",
    "latin2": "iso-8859-2",
    "cp1252": "windows-1252",
    "cp1256": "windows-1256",
    "iso2022jp": "iso-2022-jp",
    "gb18030": "gb18030",
    "base64": "utf-8",
}


def members(name):
    """The mails of a set, with what is usual where they say nothing."""
    path = COLLECTION / "invented" / f"{name}.yaml"
    usual = {"regime": "unspecified", "language": "en", "shape": "plain"}
    return [usual | each for each in yaml.safe_load(path.read_text())]


def raw(each):
    """One mail in bytes, as its writer's program sends it."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = each.get("from", f"Somebody <{each['name']}@example.org>")
    mail["To"] = "privacy@msgplatform.example"
    mail["Subject"] = each["subject"]
    mail["Date"] = "Mon, 02 Nov 2026 10:00:00 +0000"
    mail["Message-ID"] = f"<{each['name']}@invented.example.org>"
    for name, value in each.get("headers", {}).items():
        mail[name] = value
    SHAPES.get(each["shape"], _text)(mail, each)
    return mail.as_bytes()


def _text(mail, each):
    charset = CHARSETS.get(each["shape"], "utf-8")
    cte = "base64" if each["shape"] == "base64" else None
    mail.set_content(each["words"], charset=charset, cte=cte)


def _utf16(mail, each):
    """Wide characters, as a mail program of Windows may save them."""
    wide = each["words"].encode("utf-16")
    mail.set_content(wide, "text", "plain", cte="base64")
    mail.set_param("charset", "utf-16")


def _alternative(mail, each):
    _text(mail, each)
    lines = each["words"].replace("\n", "<br>\n")
    mail.add_alternative(f"<html><div dir=ltr>{lines}</div></html>", subtype="html")


def _html(mail, each):
    lines = each["words"].replace("\n", "<br>\n")
    style = "<style>p { color: #333 }</style>"
    mail.set_content(f"<html>{style}<p>{lines}</p></html>", subtype="html")


def _winmail(mail, each):
    _text(mail, each)
    part = {"maintype": "application", "subtype": "ms-tnef", "filename": "winmail.dat"}
    mail.add_attachment(b"\x78\x9f\x3e\x22" * 40, **part)


def _smime(mail, each):
    _winmail(mail, each)
    part = next(iter(mail.iter_attachments()))
    part.replace_header("Content-Type", 'application/pkcs7-signature; name="smime.p7s"')
    mail.replace_header("Content-Type", "multipart/signed; micalg=sha-256")
    mail.set_param("protocol", "application/pkcs7-signature")
    mail.set_boundary("signed-by-its-writer")


def _sealed(mail, each):
    sealed = base64.b64decode("MIAGCSqGSIb3DQEHA6CA") * 9
    mail.set_content(sealed, "application", "pkcs7-mime", filename="smime.p7m")


def _forward(mail, each):
    inner = EmailMessage(policy=policy.SMTP)
    inner["From"] = "Sybil Marsh <sybil.marsh@example.org>"
    inner["To"] = "hello@brighthomes.example"
    inner["Subject"] = "My account"
    inner["Date"] = "Fri, 30 Oct 2026 09:00:00 +0000"
    inner.set_content(each["words"])
    mail.set_content("Please see below, from one of our customers.")
    mail.add_attachment(inner)


SHAPES = {
    "utf16": _utf16,
    "alternative": _alternative,
    "html": _html,
    "winmail": _winmail,
    "smime": _smime,
    "sealed": _sealed,
    "forward": _forward,
}
