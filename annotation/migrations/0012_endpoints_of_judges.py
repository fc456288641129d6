from django.db import migrations


def give_each_judge_its_endpoint(apps, schema_editor):
    endpoint, config, run = (apps.get_model("annotation", f"Judge{name}") for name in ("Endpoint", "Config", "Run"))
    for judge in config.objects.filter(endpoint=None):
        judge.endpoint, _ = endpoint.objects.get_or_create(campaign_id=judge.campaign_id, base_url=judge.base_url)
        judge.save(update_fields=["endpoint"])
        if judge.requests.exists():
            planned = run.objects.create(campaign_id=judge.campaign_id, config=judge)
            judge.requests.update(run=planned)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0011_judge_runs")]

    operations = [migrations.RunPython(give_each_judge_its_endpoint, migrations.RunPython.noop)]
