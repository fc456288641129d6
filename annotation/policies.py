"""What may happen in which state: functions that raise, one for each rule."""

from annotation.models import Campaign


class CampaignNotOpen(Exception):
    """The campaign takes no judgments now."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        super().__init__(f"{campaign.name} is {campaign.state}. It takes judgments again when a researcher opens it.")


class CampaignStarted(Exception):
    """The change is only allowed while the campaign is a draft."""


def check_is_open(campaign: Campaign) -> None:
    if campaign.state != Campaign.State.OPEN:
        raise CampaignNotOpen(campaign)
