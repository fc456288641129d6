"""What tests of the record share."""

import pytest

from annotation.models import Annotator, Campaign
from tests import factories


@pytest.fixture
def alice(campaign: Campaign) -> Annotator:
    """Return an evaluator of the test's own campaign."""
    return factories.evaluator(campaign)
