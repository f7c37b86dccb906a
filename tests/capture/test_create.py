"""Files to write to: whose they are, who may read them, and what is never written through, even as root."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from httptrace.capture.create import acting_as, create_new, open_to_write
from httptrace.capture.rotate import CaptureFiles
from httptrace.errors import UsageError

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="users and modes of Unix")
as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")

USER = (54_321, 54_321)  # of whom the system knows nothing but the number
OTHER = (54_322, 54_322)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Root's own directory, in which others may look but not write."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def users_own(path: Path, user: tuple[int, int] = USER, mode: int = 0o755) -> Path:
    path.mkdir()
    os.chown(path, *user)
    path.chmod(mode)
    return path


def written(path: Path, owner: tuple[int, int] | None) -> os.stat_result:
    descriptor = open_to_write(str(path), owner)
    try:
        os.write(descriptor, b"packets")
    finally:
        os.close(descriptor)
    return path.lstat()


def test_a_new_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        status = written(tmp_path / "it", None)
    finally:
        os.umask(before)
    assert stat.S_IMODE(status.st_mode) == 0o600
    assert status.st_uid == os.geteuid()


def test_an_older_file_is_emptied_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_bytes(b"much longer than what comes")
    path.chmod(0o644)
    status = written(path, None)
    assert path.read_bytes() == b"packets"
    assert stat.S_IMODE(status.st_mode) == 0o600


@pytest.mark.parametrize("there", [True, False], ids=["leads-to-a-file", "leads-nowhere"])
def test_a_symbolic_link_is_not_written_through(tmp_path: Path, there: bool) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    if there:
        target.write_bytes(b"precious")
    link.symlink_to(target)
    with pytest.raises(UsageError, match="symbolic link"):
        open_to_write(str(link), None)
    assert target.exists() == there
    assert not there or target.read_bytes() == b"precious"


def test_a_hard_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"precious")
    os.link(tmp_path / "target", tmp_path / "link")
    with pytest.raises(UsageError, match="hard link"):
        open_to_write(str(tmp_path / "link"), None)
    assert (tmp_path / "target").read_bytes() == b"precious"


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be written|no file that a capture"):
        open_to_write(str(tmp_path), None)
    os.close(open_to_write(os.devnull, None))


def test_a_named_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    files = CaptureFiles(str(path))
    files.interface("eth0", 1, 0)
    files.packet(0, 1, b"hello", 5)
    files.close()
    reader.join(10)
    assert b"hello" in read[0]


@as_root
def test_in_the_users_own_directory_the_user_creates(folder: Path) -> None:
    status = written(users_own(folder / "home") / "it", USER)
    assert (status.st_uid, status.st_gid) == USER


@as_root
def test_in_roots_directory_the_file_is_given_away(folder: Path) -> None:
    path = folder / "it"
    for _again in range(2):
        status = written(path, USER)
        assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (*USER, 0o600)
    assert path.read_bytes() == b"packets"


@as_root
@pytest.mark.parametrize("whose", [(0, 0), OTHER], ids=["root", "another-user"])
def test_what_belongs_to_others_stays_theirs(folder: Path, whose: tuple[int, int]) -> None:
    for place in (folder, users_own(folder / "home"), users_own(folder / "shared", (0, 0), 0o1777)):
        path = place / "it"
        path.write_bytes(b"precious")
        os.chown(path, *whose)
        path.chmod(0o666)
        with pytest.raises(UsageError, match="belongs to another user"):
            open_to_write(str(path), USER)
        assert path.read_bytes() == b"precious"
        assert path.stat().st_uid == whose[0]


@as_root
def test_root_creates_nothing_in_another_users_directory(folder: Path) -> None:
    place = users_own(folder / "others", OTHER, 0o700)
    with pytest.raises(UsageError, match="cannot be written by the user"):
        open_to_write(str(place / "it"), USER)
    assert list(place.iterdir()) == []


@as_root
def test_later_files_need_a_directory_where_the_user_creates(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"files cannot be created there by the user who runs the capture") as caught:
        CaptureFiles(str(folder / "it.pcapng"), rotate=1000, owner=USER)
    assert "Permission denied" in str(caught.value)
    assert list(folder.iterdir()) == []
    place = users_own(folder / "home")
    files = CaptureFiles(str(place / "it.pcapng"), rotate=400, keep=2, owner=USER)
    files.interface("eth0", 1, 0)
    with acting_as(USER) as other:
        assert other
        for at in range(10):
            files.packet(0, at, b"x" * 200, 200)
        files.close()
    assert files.files == 10
    assert [(path.stat().st_uid, path.stat().st_gid) for path in place.iterdir()] == [USER, USER]


@as_root
def test_rights_come_back(folder: Path) -> None:
    before = os.geteuid(), os.getegid(), os.getgroups()
    with pytest.raises(PermissionError):
        create_new(str(folder / "it"), USER)
    assert (os.geteuid(), os.getegid(), os.getgroups()) == before
    with acting_as(USER):
        assert (os.geteuid(), os.getegid(), os.getgroups()) == (*USER, [USER[1]])
    assert (os.geteuid(), os.getegid(), os.getgroups()) == before
    for nobody_else in (None, (0, 0)):
        with acting_as(nobody_else) as other:
            assert not other
