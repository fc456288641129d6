import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import annotation.models.audit


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0008_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("salt", models.BinaryField(default=annotation.models.audit.new_salt)),
                ("commitment", models.BinaryField(null=True)),
                (
                    "role",
                    models.CharField(
                        choices=[("evaluator", "Evaluator"), ("researcher", "Researcher"), ("auditor", "Auditor")],
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="qualification",
            name="qualification_one_retake",
        ),
        migrations.AddField(
            model_name="campaign",
            name="fields_of_expertise",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list),
        ),
        migrations.AddField(
            model_name="campaign",
            name="groups",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list),
        ),
        migrations.AddField(
            model_name="campaign",
            name="training_size",
            field=models.PositiveSmallIntegerField(
                default=0, validators=[django.core.validators.MaxValueValidator(50)]
            ),
        ),
        migrations.AddField(
            model_name="enrollment",
            name="expertise",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list),
        ),
        migrations.AddField(
            model_name="enrollment",
            name="group",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="enrollment",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=35), default=list),
        ),
        migrations.AddConstraint(
            model_name="qualification",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__in", [0, 1, 2])), name="qualification_one_retake"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="accepted_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invitations",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="annotation.campaign"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["evaluator", "researcher", "auditor"])), name="invitation_role_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at__isnull", True), ("accepted_by__isnull", True)),
                    models.Q(("accepted_at__lte", models.F("expires_at")), ("accepted_by__isnull", False)),
                    _connector="OR",
                ),
                name="invitation_used_in_time",
            ),
        ),
    ]
