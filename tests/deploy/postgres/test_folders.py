import os
import stat
from pathlib import Path

import pytest

from deploy.local.postgres import folders
from deploy.local.postgres.accounts import server_account
from deploy.local.postgres.folders import UnsafeFolder


def test_each_state_folder_has_its_own_socket_folder(state_dir: Path) -> None:
    account = server_account(state_dir)
    assert folders.socket_folder(state_dir / "one", account) != folders.socket_folder(state_dir / "two", account)


def test_a_socket_folder_that_is_a_link_is_refused(state_dir: Path) -> None:
    place = state_dir / "socket"
    place.symlink_to(state_dir)
    with pytest.raises(UnsafeFolder, match="belongs to somebody else"):
        folders.make_private(place, server_account(state_dir))


def test_a_socket_folder_is_closed_to_others(state_dir: Path) -> None:
    place = state_dir / "socket"
    place.mkdir(mode=0o755)
    account = server_account(state_dir)
    folders.make_private(place, account)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert place.stat().st_uid == (os.geteuid() if account is None else account.uid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take over another user's folder")
def test_a_folder_an_ordinary_user_began_stays_that_users(tmp_path: Path) -> None:
    os.chown(tmp_path, 1234, 1235)
    account = server_account(tmp_path)
    assert account is not None
    assert (account.uid, account.gid) == (1234, 1235)
