"""The closed list of audited actions, each with the facts its events may carry. A new action is a schema change."""

ACTIONS: dict[str, frozenset[str]] = {
    action: frozenset(facts)
    for action, facts in {
        "annotator.apply": (),
        "annotator.create": (),
        "annotator.qualify": (),
        "annotator.reinstate": (),
        "annotator.suspend": (),
        "annotator.withdraw": (),
        "assignment.create": (),
        "assignment.expire": (),
        "assignment.revoke": (),
        "assignment.skip": (),
        "campaign.close": (),
        "campaign.create": (),
        "campaign.open": (),
        "campaign.pause": (),
        "export.create": ("manifest_sha256", "run"),
        "export.fail": (),
        "judge_call.complete": ("request_sha256", "response_sha256", "state"),
        "judge_config.create": ("config_hash",),
        "judgment.create": (),
        "judgment.revise": (),
        "judgment.withdraw": (),
        "login.privileged": (),
        "model_fit.cancel": (),
        "model_fit.complete": ("code_version", "data_sha256", "diagnostics_sha256", "seed", "state"),
        "model_fit.fail": (),
        "model_fit.request": ("seed",),
        "permission.change": ("role", "user"),
        "rubric.lock": ("sha256", "version"),
        "task.import": ("format", "judgments", "sha256", "tasks"),
        "token.create": ("expires_at", "scope"),
        "token.revoke": (),
        "user.create": (),
    }.items()
}
