"""A worker as a process of its own, for tests that kill it: `python -m tests.annotation.services.judging.worker ID`."""

import sys
import time

import django


def main(config_id: int) -> None:
    django.setup()
    from annotation.models import JudgeConfig
    from annotation.services import judging

    config = JudgeConfig.objects.select_related("campaign").get(pk=config_id)
    while True:
        taken = judging.take(config)
        if isinstance(taken, judging.Wait):
            time.sleep(min(taken.seconds, 0.2))
        elif taken is None:
            judging.finish_if_done(config)
            return
        else:
            judging.carry_out(taken)


if __name__ == "__main__":
    main(int(sys.argv[1]))
