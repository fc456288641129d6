import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.models.annotators import Annotator
from annotation.models.audit import Committed
from annotation.models.campaigns import Campaign
from annotation.models.tasks import Task

MONEY: dict[str, Any] = {"max_digits": 18, "decimal_places": 9}


class JudgeEndpoint(Committed):
    """Where a campaign reaches judges: address, sealed key, and the limits all its workers share."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="judge_endpoints")
    base_url = models.CharField(max_length=500)
    # Encrypted for this address alone; it is written, never read back by a person.
    sealed_key = models.BinaryField(null=True, editable=False)
    requests_per_minute = models.PositiveIntegerField(default=600)
    # 0: not limited.
    tokens_per_minute = models.PositiveIntegerField(default=0)
    max_concurrent = models.PositiveSmallIntegerField(default=4)
    # Share of the rate in force: halved at each 429, growing back with each answer.
    rate_share = models.FloatField(default=1.0)
    requests_left = models.FloatField(default=1.0)
    tokens_left = models.FloatField(default=0.0)
    refilled_at = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "base_url"], name="judge_endpoint_once"),
            models.CheckConstraint(
                condition=Q(requests_per_minute__gte=1, max_concurrent__gte=1), name="judge_endpoint_limits_positive"
            ),
        ]

    @property
    def has_key(self) -> bool:
        return self.sealed_key is not None

    def committed_content(self) -> dict[str, Any]:
        return {"campaign": str(self.campaign.public_id), "base_url": self.base_url, "has_key": self.has_key}


class JudgeConfig(Committed):
    """The frozen configuration behind one judge; any change makes another annotator."""

    class Gate(models.TextChoices):
        NOT_CHECKED = "NOT_CHECKED"
        PASS = "PASS"  # noqa: S105
        FAIL = "FAIL"
        INCONCLUSIVE = "INCONCLUSIVE"

    annotator = models.OneToOneField(Annotator, models.PROTECT, related_name="judge_config")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="judge_configs")
    endpoint = models.ForeignKey(JudgeEndpoint, models.PROTECT, related_name="configs")
    settings = models.JSONField()
    config_hash = models.CharField(max_length=64)
    # The judge whose stored answers this one reads anew, or whose endpoint began to serve another model.
    derived_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="derived")
    # Prices per million tokens at the time of adding.
    price_in = models.DecimalField(**MONEY, default=0)
    price_cached = models.DecimalField(**MONEY, default=0)
    price_out = models.DecimalField(**MONEY, default=0)
    currency = models.CharField(max_length=3, default="USD")
    # Whether judgments of this judge fill the campaign's judge overlap: the alternative annotator test decides.
    gate = models.CharField(max_length=12, choices=Gate, default=Gate.NOT_CHECKED)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "config_hash"], name="judge_config_once"),
            models.CheckConstraint(
                condition=Q(price_in__gte=0, price_cached__gte=0, price_out__gte=0), name="judge_prices_not_negative"
            ),
        ]

    @property
    def base_url(self) -> str:
        return self.endpoint.base_url

    def committed_content(self) -> dict[str, Any]:
        return {"annotator": str(self.annotator.public_id), "config_hash": self.config_hash, "gate": self.gate}


class JudgeRun(Committed):
    """One errand of a judge: requests planned together, under one budget, with their sentinels."""

    class Kind(models.TextChoices):
        JUDGING = "judging"
        BATTERY = "battery"

    class Mode(models.TextChoices):
        # Always call; take a stored answer where there is one; never call.
        LIVE = "live"
        RECORD = "record"
        REPLAY = "replay"

    class State(models.TextChoices):
        RUNNING = "running"
        PAUSED = "paused"
        CANCELLED = "cancelled"
        FINISHED = "finished"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="judge_runs")
    config = models.ForeignKey(JudgeConfig, models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.JUDGING)
    mode = models.CharField(max_length=6, choices=Mode, default=Mode.LIVE)
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    reason = models.CharField(max_length=300, blank=True)
    budget = models.DecimalField(**MONEY, null=True)
    spent = models.DecimalField(**MONEY, default=0)
    reserved = models.DecimalField(**MONEY, default=0)
    # What the endpoint said it was at the first answer; another word pauses the run.
    served_model = models.CharField(max_length=200, blank=True)
    served_fingerprint = models.CharField(max_length=200, blank=True)
    # Sentinels went wrong: judgments stay and are flagged, and default releases leave them out.
    is_quarantined = models.BooleanField(default=False)
    quarantine_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["config"], condition=Q(state__in=["running", "paused"]), name="judge_run_one_open_per_judge"
            ),
            models.CheckConstraint(condition=Q(reserved__gte=0, spent__gte=0), name="judge_run_money_not_negative"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.PAUSED)

    def committed_content(self) -> dict[str, Any]:
        return {
            "public_id": str(self.public_id), "judge": str(self.config.annotator.public_id), "kind": self.kind,
            "mode": self.mode, "state": self.state, "budget": None if self.budget is None else f"{self.budget:f}",
            "is_quarantined": self.is_quarantined,
        }  # fmt: skip


class JudgeRequest(models.Model):
    """One planned verdict: a task in one order for one judge; the row is the truth, the queue is a hint."""

    class State(models.TextChoices):
        QUEUED = "queued"
        LEASED = "leased"
        SUCCEEDED = "succeeded"
        INVALID = "invalid"
        REFUSED = "refused"
        FILTERED = "filtered"
        FAILED = "failed"
        DEAD = "dead"
        CANCELLED = "cancelled"

    OPEN = (State.QUEUED, State.LEASED)

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="judge_requests")
    config = models.ForeignKey(JudgeConfig, models.PROTECT, related_name="requests")
    run = models.ForeignKey(JudgeRun, models.PROTECT, related_name="requests")
    task = models.ForeignKey(Task, models.PROTECT, related_name="judge_requests")
    criterion_key = models.CharField(max_length=60)
    # Empty: the task itself, and the verdict becomes a judgment. Else how its texts were changed for a test.
    probe = models.CharField(max_length=60, blank=True)
    shown_order = models.CharField(max_length=2)
    round = models.PositiveSmallIntegerField()
    idempotency_key = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    sample = models.PositiveSmallIntegerField(default=0)
    attempts_made = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=40, blank=True)
    # The bound answer in canonical terms: state, outcome, strength, score, labels, p_a, menu_mass.
    verdict = models.JSONField(null=True)
    # Worst cost set aside while the call is under way.
    reserved = models.DecimalField(**MONEY, default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="judge_request_open", condition=Q(state__in=["queued", "leased"]))
        ]
        constraints = [
            models.CheckConstraint(condition=Q(shown_order__in=["ab", "ba"]), name="judge_request_order_known"),
        ]


class JudgeAttempt(models.Model):
    """One call as it went over the wire, with what it cost: the ledger, never changed."""

    request = models.ForeignKey(JudgeRequest, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    request_body = models.BinaryField()
    response_body = models.BinaryField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    latency_ms = models.PositiveIntegerField(null=True)
    provider_request_id = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=200, blank=True)
    fingerprint = models.CharField(max_length=200, blank=True)
    usage = models.JSONField(null=True)
    cost = models.DecimalField(**MONEY, default=0)
    # The endpoint counted no tokens, so the worst case stands for them.
    is_cost_estimated = models.BooleanField(default=False)
    error_code = models.CharField(max_length=60, blank=True)
    max_tokens = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "number"], name="judge_attempt_once")]
