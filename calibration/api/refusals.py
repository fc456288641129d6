"""Which status and code each refusal of the services has; clients rely on the codes."""

from annotation.api.problems import answer
from calibration.exports.options import BadOption
from calibration.services import exports, runs

answer(BadOption, 422, "bad_option")
answer(exports.NoPassedRun, 409, "no_passed_run")
answer(exports.RunNotPassed, 409, "run_not_passed")
answer(exports.NotBuilt, 409, "not_built")
answer(exports.AlreadyBuilt, 409, "already_finished")
answer(exports.KeyReused, 422, "key_reused")
answer(runs.AlreadyFinished, 409, "already_finished")
answer(runs.NothingToCalibrate, 409, "nothing_to_calibrate")
