"""The text of a mail's parts, in any charset or format; nothing is fetched or run."""

from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage
from html.parser import HTMLParser

from dsr.mailbox import pdf, spelling

LONGEST_TEXT = 60_000  # characters that are read for what they mean
FALLBACK = "cp1252"  # what unlabelled old mail is written in
FEW_WORDS = 12  # "This mail can only be shown as a web page."
BLOCKS = {"p", "div", "br", "tr", "li", "table", "h1", "h2", "h3", "blockquote"}
BLOCKS |= {"dt", "dd", "hr", "h4", "h5", "h6"}
CELLS = {"td", "th"}
PAPERS = ("application/pdf", "message/rfc822")
MOST_PAPERS = 20  # of a mail that are read
UNSEEN = {"style", "script", "head", "title", "template"}


def leaves(part: EmailMessage) -> Iterator[EmailMessage]:
    """Parts without parts; a mail inside a mail counts as one, and is not opened."""
    if part.get_content_type() == "message/rfc822" or not part.is_multipart():
        yield part
        return
    for inner in part.iter_parts():
        if isinstance(inner, EmailMessage):
            yield from leaves(inner)


def attachments(message: EmailMessage) -> Iterator[tuple[str, str]]:
    for part in leaves(message):
        if part.is_attachment() or part.get_filename():
            yield part.get_content_type(), part.get_filename() or ""


def returned(message: EmailMessage) -> str:
    """For a delivery report: the subjects of our own mails that it returns."""
    if message.get_content_type() != "multipart/report":
        return ""
    found = [
        part.as_string()
        for part in leaves(message)
        if "rfc822" in str(part.get_content_type())
    ]
    return "\n".join(found)[:LONGEST_TEXT]


def in_files(message: EmailMessage) -> str:
    """The text of its documents and of mails that it forwards; not of a report's."""
    if message.get_content_type() == "multipart/report":
        return ""
    papers = [part for part in leaves(message) if part.get_content_type() in PAPERS]
    said = map(_in_paper, papers[:MOST_PAPERS])
    return "\n".join(filter(None, said))[:LONGEST_TEXT]


def _in_paper(part: EmailMessage) -> str:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_content()
        return text(inner)[0] if isinstance(inner, EmailMessage) else ""
    content = part.get_payload(decode=True)
    return pdf.words(content) if isinstance(content, bytes) else ""


def text(message: EmailMessage) -> tuple[str, list[str]]:
    """The text and the CSV tables; HTML where the plain text says next to nothing."""
    plain, pages, tables = [], [], []
    for part in leaves(message):
        kind = part.get_content_type()
        if kind == "text/csv":
            tables.append(spelling.plain(decoded(part)))
        elif part.is_attachment() or part.get_filename():
            continue
        elif kind == "text/plain":
            plain.append(decoded(part))
        elif kind == "text/html":
            pages.append(decoded(part))
    words = "\n".join(plain)
    if len(words.split()) < FEW_WORDS:
        words = f"{words}\n{of_html(pages)}" if words.strip() else of_html(pages)
    return spelling.plain(words[:LONGEST_TEXT]), tables


def decoded(part: EmailMessage) -> str:
    """In its charset; a wrong or unknown charset never loses the mail."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return content.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode(FALLBACK, errors="replace")


def of_html(pages: list[str]) -> str:
    reader = Reader()
    for page in pages:
        with suppress(AssertionError):  # the library's, at a declaration of no kind
            reader.feed(page)
        reader.reset()
    return reader.text()


class Reader(HTMLParser):
    """What a page says to a reader; nothing in it is loaded."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self.hidden += 1
        elif tag in BLOCKS:
            self.words.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in BLOCKS | CELLS:
            self.words.append("\t" if tag in CELLS else "\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)

    def text(self) -> str:
        return "".join(self.words)
