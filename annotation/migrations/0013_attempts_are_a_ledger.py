import django.db.models.deletion
from django.db import migrations, models

TABLE = "annotation_judgeattempt"
TRIGGERS = f"""
create trigger {TABLE}_append_only before update or delete on {TABLE} for each row execute function refuse_change();
create trigger {TABLE}_no_truncate before truncate on {TABLE} for each statement execute function refuse_change();
"""
DROP_TRIGGERS = f"drop trigger {TABLE}_append_only on {TABLE}; drop trigger {TABLE}_no_truncate on {TABLE};"


class Migration(migrations.Migration):
    dependencies = [("annotation", "0012_endpoints_of_judges")]

    operations = [
        migrations.AlterField(
            model_name="judgeconfig",
            name="endpoint",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="configs", to="annotation.judgeendpoint"
            ),
        ),
        migrations.AlterField(
            model_name="judgerequest",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="annotation.judgerun"
            ),
        ),
        migrations.RemoveField(model_name="judgeconfig", name="base_url"),
        migrations.RemoveField(model_name="judgeconfig", name="api_key_variable"),
        migrations.RemoveField(model_name="judgeconfig", name="paused_reason"),
        migrations.RunSQL(TRIGGERS, DROP_TRIGGERS),
    ]
