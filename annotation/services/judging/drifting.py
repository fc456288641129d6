"""Notice when an endpoint begins to serve another model under the same name."""

from dataclasses import replace

from annotation.judges import client
from annotation.judges import config as judge_config
from annotation.models import JudgeConfig, JudgeRequest, JudgeRun
from annotation.services import audit
from annotation.services.judging import registering, runs


def check(request: JudgeRequest, attempt: client.Attempt) -> bool:
    """Remember what the run's first answer came from; pause the run, and say True, when another answer differs."""
    if attempt.error_code is not None or request.run.mode == JudgeRun.Mode.REPLAY:
        return False
    run = JudgeRun.objects.select_for_update(no_key=True).get(pk=request.run_id)
    served = (attempt.model or "", attempt.system_fingerprint or "")
    known = (run.served_model, run.served_fingerprint)
    if known == ("", ""):
        run.served_model, run.served_fingerprint = served
        run.save(update_fields=["served_model", "served_fingerprint"])
        return False
    if served == known:
        return False
    version = _next_version(request.config, served)
    named = f"{served[0]} {served[1]}".strip() or "nothing"
    reason = f"The endpoint now serves {named}; its verdicts belong to {version.annotator.name}. Cancel this run."
    runs.pause_now(run, reason, by=request.config.annotator)
    return True


def _next_version(config: JudgeConfig, served: tuple[str, str]) -> JudgeConfig:
    """Open the annotator that the changed model is: the same settings, another snapshot."""
    frozen = replace(judge_config.JudgeConfig.from_json(config.settings), snapshot="|".join(served))
    found = JudgeConfig.objects.filter(campaign=config.campaign, config_hash=frozen.config_hash).first()
    if found:
        return found
    number = 2 + config.derived.count()
    prices = {name: getattr(config, name) for name in ("price_in", "price_cached", "price_out", "currency")}
    made = registering.register(
        config.endpoint, frozen, name=f"{config.annotator.name} ({number})", by=None, derived_from=config, **prices
    )
    audit.record("judge.drift", made, by=config.annotator, campaign=config.campaign, config_hash=frozen.config_hash)
    return made
