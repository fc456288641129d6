"""Freeze a configuration and register its annotator."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from annotation.judges import config as judge_config
from annotation.judges import templates
from annotation.models import Annotator, Campaign, Criterion, JudgeConfig, JudgeEndpoint, User
from annotation.permissions import check_may_change
from annotation.services import audit
from annotation.services.judging import endpoints
from annotation.services.judging.endpoints import JudgeRefused

__all__ = ["JudgeRefused", "add_judge", "register"]


@transaction.atomic
def add_judge(
    *,
    campaign: Campaign,
    name: str,
    family: str,
    base_url: str,
    model: str,
    by: User,
    settings_: dict[str, Any] | None = None,
    api_key: str = "",
    price_in: Decimal = Decimal(0),
    price_cached: Decimal | None = None,
    price_out: Decimal = Decimal(0),
) -> JudgeConfig:
    """Freeze a configuration; prices are per million tokens, cached input costs what input costs unless told."""
    check_may_change(by, campaign)
    chosen = settings_ or {}
    if _needs_schema(campaign) and chosen.get("output", "schema") != "schema":
        raise JudgeRefused("Ratings and labels are read from structured answers only; choose the output “schema”.")
    endpoint = endpoints.of_address(campaign, base_url, by=by)
    if api_key:
        endpoints.change_endpoint(endpoint=endpoint, by=by, api_key=api_key)
    try:
        frozen = judge_config.JudgeConfig(
            endpoint_alias=urlsplit(base_url).netloc,
            model_id=model,
            family=family,
            rubric_sha256=campaign.rubric.sha256,
            **_template(campaign, str(chosen.get("output", "schema"))),
            **chosen,
        )
    except (judge_config.BadConfig, TypeError) as error:
        raise JudgeRefused(str(error)) from None
    cached = price_in if price_cached is None else price_cached
    prices = {"price_in": price_in, "price_cached": cached, "price_out": price_out}
    return register(endpoint, frozen, name=name, by=by, **prices)


def register(
    endpoint: JudgeEndpoint, frozen: judge_config.JudgeConfig, *, name: str, by: User | Annotator | None, **values: Any
) -> JudgeConfig:
    """Store the configuration and its annotator."""
    campaign = endpoint.campaign
    if JudgeConfig.objects.filter(campaign=campaign, config_hash=frozen.config_hash).exists():
        raise JudgeRefused("This campaign has a judge with exactly this configuration already.")
    annotator = Annotator(kind=Annotator.Kind.JUDGE, name=name, family=frozen.family, version=frozen.config_hash)
    audit.save(annotator, "annotator.create", by=by, campaign=campaign)
    config = JudgeConfig(annotator=annotator, campaign=campaign, endpoint=endpoint, config_hash=frozen.config_hash)
    config.settings = frozen.as_json()
    for name_, value in values.items():
        setattr(config, name_, value)
    audit.save(config, "judge_config.create", by=by, campaign=campaign, config_hash=frozen.config_hash)
    return config


def _template(campaign: Campaign, output: str) -> dict[str, Any]:
    pair = templates.PAIRWISE_2 if output == "logprob" else templates.PAIRWISE_1
    template = pair if campaign.task_type == Campaign.TaskType.COMPARISON else templates.SINGLE_1
    return {"template": template.name, "template_sha256": template.sha256}


def _needs_schema(campaign: Campaign) -> bool:
    return campaign.rubric.criteria.exclude(scale=Criterion.Scale.COMPARISON).exists()
