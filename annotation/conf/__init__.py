from annotation.conf.celery import app

__all__ = ["app"]
