"""`completion`: scripts that shells accept and that complete commands, options, values and files."""

from __future__ import annotations

import subprocess

import pytest

from tests.cli.command import CAPTURES
from tests.programs import need

#: Calls the completion function as bash does when the last word is to be completed.
_ASK = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
ask=$(complete -p httptrace); ask=${ask##*-F }; ask=${ask%% *}
$ask httptrace "${@: -1}" "${@: -2:1}" 2>/dev/null
printf '%s\\n' "${COMPREPLY[@]}"
"""


def script(httptrace, tmp_path, shell):
    result = httptrace("completion", shell)
    assert result.status == 0
    path = tmp_path / f"completion.{shell}"
    path.write_bytes(result.stdout)
    return path


@pytest.mark.programs
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_shell_accepts_it(httptrace, tmp_path, shell):
    need(shell)
    done = subprocess.run([shell, "-n", script(httptrace, tmp_path, shell)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.programs
@pytest.mark.parametrize(
    ("line", "completions"),
    [
        pytest.param("httptrace sh", {"show"}, id="command"),
        pytest.param("httptrace show x.pcap --bo", {"--body"}, id="option"),
        pytest.param("httptrace list --format ", {"table", "jsonl", "csv"}, id="value"),
        pytest.param("httptrace list first-pa", {"first-page.pcap"}, id="file"),
        pytest.param("httptrace completion ", {"bash", "zsh", "tcsh"}, id="choice"),
    ],
)
def test_bash_completes(httptrace, tmp_path, line, completions):
    need("bash")
    path = script(httptrace, tmp_path, "bash")
    done = subprocess.run(
        ["bash", "-c", _ASK, "bash", str(path), *line.split(" ")], cwd=CAPTURES, capture_output=True, check=True
    )
    assert completions <= set(done.stdout.decode().split())


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_the_others_know_every_command(httptrace, shell):
    from httptrace.cli.arguments import VERBS

    text = httptrace("completion", shell).text
    assert "httptrace" in text
    for verb in VERBS:
        assert verb in text


def test_an_unknown_shell(httptrace):
    result = httptrace("completion", "cmd.exe")
    assert (result.status, result.stdout) == (2, b"")
    assert "cmd.exe" in result.err
