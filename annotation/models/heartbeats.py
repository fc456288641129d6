from django.db import models


class Heartbeat(models.Model):
    """The last sign of life of the workers of one queue, by the database's clock."""

    queue = models.CharField(max_length=50, primary_key=True)
    seen_at = models.DateTimeField()
