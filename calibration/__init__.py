"""What the judgments are worth: agreement, models, dashboards, releases."""
