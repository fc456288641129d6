"""Who somebody is to a campaign, and what follows for those who may not do what they ask."""

from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.http import Http404

from annotation.models import Campaign, Enrollment, User


class Role(StrEnum):
    ANONYMOUS = "anonymous"
    SIGNED_IN = "signed_in"
    EVALUATOR = "evaluator"
    AUDITOR = "auditor"
    RESEARCHER = "researcher"
    ADMIN = "admin"


EVERYBODY = frozenset(Role)
SIGNED_IN = EVERYBODY - {Role.ANONYMOUS}
EVALUATORS = frozenset({Role.EVALUATOR})
RESEARCHERS = frozenset({Role.RESEARCHER, Role.ADMIN})
READERS = RESEARCHERS | {Role.AUDITOR}


def of(user: User | None) -> frozenset[Role]:
    """Return the roles that hold anywhere."""
    if user is None:
        return frozenset({Role.ANONYMOUS})
    return frozenset({Role.SIGNED_IN, *([Role.ADMIN] * user.is_admin)})


def within(user: User, campaign: Campaign) -> frozenset[Role]:
    """Return the roles in one campaign; whoever has applied counts as evaluator, the service looks at the standing."""
    roles = set(of(user))
    roles |= {Role(role) for role in user.memberships.filter(campaign=campaign).values_list("role", flat=True)}
    if Enrollment.objects.filter(annotator__user=user, campaign=campaign).exists():
        roles.add(Role.EVALUATOR)
    return frozenset(roles)


def check(roles: frozenset[Role], allowed: frozenset[Role]) -> None:
    """Tell those who may read the campaign that they may not do this; for the others there is no such thing."""
    if roles & allowed:
        return
    if roles & READERS:
        raise PermissionDenied(f"This takes the role {' or '.join(sorted(allowed))} in this campaign.")
    raise Http404
