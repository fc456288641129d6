"""Ways to run Steelyard: on one machine without anything installed (local), in containers, under systemd."""
