from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("calibration", "0003_labels")]

    operations = [
        migrations.AlterField(
            "export",
            "state",
            models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                ],
                default="queued",
                max_length=9,
            ),
        ),
        migrations.AddField("export", "idempotency_key", models.CharField(blank=True, default="", max_length=100)),
        migrations.AddConstraint(
            "export",
            models.UniqueConstraint(
                condition=~Q(idempotency_key=""), fields=["requested_by", "idempotency_key"], name="export_key_once"
            ),
        ),
    ]
