"""The web application with its row locks taken out: the load must find that out, else it proves nothing."""

from annotation.conf.wsgi import application
from annotation.services import judgments, picking

__all__ = ["application"]

LOCK = " for no key update of t skip locked"
if LOCK not in picking.FIND:
    raise RuntimeError("The lock is worded otherwise now: word the fault anew.")
picking.FIND = picking.FIND.replace(LOCK, "")
# Without the lock the statement that leases counts what its snapshot shows, as a check before a write does.
type(judgments.Assignment.objects).select_for_update = lambda self, **kwargs: self.get_queryset()  # type: ignore[attr-defined]
