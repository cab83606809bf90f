"""`mail ingest`: what became of each file, or would; and what it says of junk."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from config.management.commands.up import LETTERS
from consent.models import Event
from dsr.models import Mail, Ticket
from privacy.models import AuditEvent, Hold, Identifier
from tests.dsr.mails import COLLECTION, labels, mail
from tests.privacy.factories import LENA, SAM, staff

pytestmark = pytest.mark.django_db
ALL = [COLLECTION / label["file"] for label in labels()]
DELETE = "Under the CCPA please delete my personal data. My number is (202) 555-0143."


def said(*arguments):
    out = io.StringIO()
    call_command("mail", "ingest", *map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def test_a_mail_is_taken_from_its_file(file):
    [it] = said(file("a.eml", mail(DELETE)))

    assert it["references"] == [str(Ticket.objects.get())]
    assert (it["is_dsr"], it["types"], it["jurisdiction"]) == (
        True,
        ["erasure"],
        "US-CA",
    )
    assert (it["queue"], it["verdict"]) == (False, "request")
    assert it["subject"]["phones"] == ["+12025550143"]
    assert it["reason"]
    assert 0 < it["confidence"] <= 1


def test_a_dry_run_says_all_that_and_changes_nothing():
    found = said("--dry-run", *ALL)

    assert [it["file"] for it in found] == [str(path) for path in ALL]
    for model in (Mail, Ticket, Event, Identifier, AuditEvent):
        assert not model.objects.exists()


def test_a_dry_run_tells_of_the_earlier_mail_that_one_goes_on_with():
    found = {it["file"].split("/")[-1][:4]: it for it in said("--dry-run", *ALL)}

    assert found["v103"]["relates_to"] == "v102_ccpa_know"
    assert found["v103"]["expects"] == "link_to_existing"
    assert found["v126"]["relates_to"] == "v101_casual_delete"


def test_the_letters_of_the_sample_are_taken_as_its_readme_says():
    found = {it["file"].split("/")[-1][:1]: it for it in said(*LETTERS)}
    taken = {
        number: (it["types"], it["jurisdiction"], it["language"], it["verdict"])
        for number, it in found.items()
    }

    assert taken == {
        "1": (["access"], "US-CA", "en", "request"),
        "2": (["erasure"], "EU-GDPR", "de", "request"),
        "3": (["access", "objection_marketing"], "EU-GDPR", "fr", "request"),
        "4": (["rectification"], "US-CO", "en", "request"),
        "5": (["access"], "unspecified", "en", "queue"),
        "6": ([], "unspecified", "en", "queue"),
        "7": ([], "unspecified", "en", "set_aside"),
    }
    assert (found["6"]["category"], Hold.objects.count()) == ("legal_process", 1)


def test_words_for_people_say_the_same(file):
    out = io.StringIO()
    call_command("mail", "ingest", str(file("a.eml", mail(DELETE))), stdout=out)

    assert "erasure" in out.getvalue()
    assert "R-2026-000001" in out.getvalue()
    assert "0143" not in out.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not an e-mail"),
        (b"\x89PNG\r\n\x1a\n\x00\x00" * 50, "not an e-mail"),
        (mail("x", Subject="=?utf-8?q?a=0D=0ABcc:_b@example.org?="), "hides another"),
        (None, "No such file"),
    ],
)
def test_junk_is_one_sentence_and_changes_nothing(file, tmp_path, content, sentence):
    path = tmp_path / "junk.eml" if content is None else file("junk.eml", content)

    with pytest.raises(CommandError, match=sentence):
        said(path)

    assert not Mail.objects.exists()


def test_one_bad_file_does_not_lose_the_others(file, capsys):
    good, bad = file("good.eml", mail(DELETE)), file("bad.eml", b"\x00")
    out, err = io.StringIO(), io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command(
            "mail", "ingest", str(bad), str(good), "--json", stdout=out, stderr=err
        )

    first, second = json.loads(out.getvalue())
    assert ended.value.code == 1
    assert "not an e-mail" in first["error"]
    assert second["verdict"] == "request"
    assert str(bad) in err.getvalue()
    assert Ticket.objects.count() == 1


def test_who_may_not_settle_mails_may_not_take_them(file):
    staff(SAM), staff(LENA)
    path = file("a.eml", mail(DELETE))

    with pytest.raises(CommandError, match="may not do that"):
        said(path, "--by", SAM)
    said(path, "--by", LENA)

    assert AuditEvent.objects.filter(action="mail.taken", by=LENA).exists()
