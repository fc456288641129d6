"""The whole of Steelyard on one machine: an embedded PostgreSQL, web, workers, beat and a demonstration judge."""
