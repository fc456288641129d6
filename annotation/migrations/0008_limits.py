import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0007_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="daily_cap",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="campaign",
            name="deadline",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="campaign",
            name="repeat_percent",
            field=models.PositiveSmallIntegerField(
                default=0, validators=[django.core.validators.MaxValueValidator(20)]
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="total_cap",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
