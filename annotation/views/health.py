from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from annotation.models import Heartbeat

OK = "ok"
FRESH = timedelta(seconds=30)


@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 only when the database answers and each queue has a living worker, by the database's clock."""
    try:
        alive = set(Heartbeat.objects.filter(seen_at__gt=Now() - FRESH).values_list("queue", flat=True))
    except DatabaseError:
        return JsonResponse({"status": "failing", "database": "does not answer"}, status=503)
    parts = {f"queue {queue}": OK if queue in alive else "no living worker" for queue in settings.HEARTBEAT_QUEUES}
    is_well = set(parts.values()) <= {OK}
    body = {"status": OK if is_well else "failing", "database": OK} | parts
    return JsonResponse(body, status=200 if is_well else 503)
