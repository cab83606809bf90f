"""/privacy/request: ask us about your data."""

from dataclasses import replace

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from consent.browser import signal
from dsr import deadlines, rate, submissions, tasks
from dsr.views.requests.forms import Question, places
from dsr.views.requests.page import again, has_signal, page, public


@require_http_methods(["GET", "HEAD", "POST"])
@public("look at a request")
def ask(request: HttpRequest, language: str) -> HttpResponse:
    now = timezone.now()
    if has_signal(request):
        signal.heed_stranger(now=now)
    regimes = dict(deadlines.regimes(on=deadlines.day_of(now)))
    form = Question(
        request.POST or None,
        request.FILES or None,
        language=language,
        places=places(regimes, language),
    )
    is_sent = request.method == "POST" and "language" not in request.POST
    if is_sent:
        rate.count("open a request", rate.place(request), now=now)
        if form.is_valid():
            sheet = request.POST.get("csrfmiddlewaretoken", "")  # new on each page
            return _opened(form, language, sheet)
    status = 422 if is_sent else 200
    retype = "question" if form.is_bound else ""
    answer = page(request, "request", language, status, form=form, retype=retype)
    if not form.is_bound:
        # An empty sheet: the button back shows this one again, whose number is known.
        answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _opened(form: Question, language: str, sheet: str) -> HttpResponse:
    said = replace(form.submission(), sheet=sheet)
    with transaction.atomic():
        _, token = submissions.submit(submission=said, now=timezone.now())
        transaction.on_commit(lambda: tasks.send_notices.delay(), robust=True)
    return again(token, language, done="asked")
