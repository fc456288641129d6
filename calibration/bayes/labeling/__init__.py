"""Labels: what items are, and how far each annotator can be trusted to say so; `fitting.fit_labels` is the door."""
