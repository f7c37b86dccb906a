"""Running programs in turn, and the tables: what is said is what was measured. Times themselves are never asserted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.cost import costs
from benchmarks.profiling import profile
from benchmarks.programs import CAPTURE, FOLDER_FOR_OUTPUT, TSHARK, Program, Run, requests_counted, run
from benchmarks.report import Beside, Report, Wanted, beside_others
from benchmarks.rounds import Budget, Runs, in_turn
from benchmarks.rows import TRAFFIC, Capture, capture
from benchmarks.tables import megabytes, ratio, seconds, table, thousands

HERE = Path(__file__)
NOTHING = Capture(HERE, 1_000, 10, 100, 1)


def python(code: str, *arguments: str, ours: bool = False) -> Program:
    return Program("python", (sys.executable, "-S", "-c", code, *arguments), ours)


def finished(program: Program, *walls: float, status: int = 0) -> Runs:
    return Runs(program, [Run(wall, wall, 10_000_000, status) for wall in walls])


# ---------------------------------------------------------------------- one run


def test_a_run_is_measured_in_full() -> None:
    one = run(python("x = bytearray(60_000_000)"), HERE)
    assert one.status == 0
    assert one.wall > 0
    assert 60_000_000 < one.memory < 200_000_000


def test_what_python_compiled_is_kept_as_where_it_was_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else each run compiles its modules anew, 60 ms of it, which no user pays."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    told = tmp_path / "told"
    run(python("import sys; print(sys.dont_write_bytecode)"), HERE, output=told)
    assert told.read_text() == "False\n"


def test_memory_of_several_processes_is_summed() -> None:
    code = (
        "import os, time\nx = bytearray(40_000_000)\n"
        "if not os.fork():\n y = bytearray(40_000_000); time.sleep(0.3); os._exit(0)\ntime.sleep(0.2); os.wait()"
    )
    assert run(python(code), HERE).memory < 110_000_000
    assert run(python(code), HERE, tree=True).memory > 120_000_000


def test_a_run_is_stopped_at_its_limit() -> None:
    one = run(python("import time; time.sleep(20)"), HERE, limit=0.1)
    assert one.stopped
    assert one.wall < 10


def test_a_failure_says_why() -> None:
    one = run(python("raise SystemExit('no such luck')"), HERE)
    assert (one.status, one.problem) == (1, "no such luck")


def test_the_capture_and_a_folder_are_put_in(tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = "import sys, os; print(sys.argv[1], os.listdir(sys.argv[2]), sys.argv[2])"
    run(python(code, CAPTURE, FOLDER_FOR_OUTPUT), HERE, output=told)
    name, listing, folder = told.read_text(encoding="utf-8").split(" ", 2)
    assert (name, listing) == (str(HERE), "[]")
    assert not Path(folder.strip()).exists()


def test_requests_of_one_packet_are_counted_each(tmp_path: Path) -> None:
    said = tmp_path / "said"
    said.write_text("4\tGET\t/\t\n6\t\t\t200\n8\tGET,GET\t/a,/b\t\n", encoding="utf-8")
    assert requests_counted(said) == 3


# ---------------------------------------------------------------------- in turn


def test_programs_take_turns() -> None:
    told: list[str] = []
    programs = [Program(name, (sys.executable, "-S", "-c", "pass")) for name in "ABC"]
    in_turn(programs, HERE, 2, Budget(None), each=lambda runs, _: told.append(runs.program.name))
    assert "".join(told) == "ABCABC"


def test_what_was_stopped_or_failed_is_not_run_again() -> None:
    slow, wrong = python("import time; time.sleep(20)"), python("raise SystemExit(3)")
    found = in_turn([slow, wrong], HERE, 3, Budget(600, limit=0.1))
    assert [len(runs.all) for runs in found] == [1, 1]
    assert [runs.usable for runs in found] == [False, False]


def test_a_used_up_budget_leaves_one_round() -> None:
    found = in_turn([python("pass", ours=True)], HERE, 5, Budget(0))
    assert len(found[0].all) == 1


def test_a_missing_program_is_left_out() -> None:
    assert in_turn([Program("none", ("httptrace-no-such-program",))], HERE, 1, Budget(None)) == []


@pytest.mark.parametrize(
    ("seconds_allowed", "ours", "limit"),
    [
        pytest.param(600.0, False, 60.0, id="others-are-stopped"),
        pytest.param(600.0, True, 0, id="httptrace-is-not"),
        pytest.param(None, False, 0, id="nobody-is-with-full"),
    ],
)
def test_limits(seconds_allowed: float | None, ours: bool, limit: float) -> None:
    assert Budget(seconds_allowed).limit_of(python("pass", ours=ours)) == limit


# ---------------------------------------------------------------------- tables


def test_a_table_is_aligned() -> None:
    assert table(("a", "bb"), [["x", "1"], ["longer", "22"]]) == (
        "| a      | bb |\n| ------ | -: |\n| x      |  1 |\n| longer | 22 |\n"
    )


def test_numbers_have_their_units() -> None:
    assert [seconds(0.514), seconds(61.2), ratio(2.5), ratio(71.4)] == ["0.51 s", "61 s", "2.50 ×", "71 ×"]
    assert [megabytes(16_400_000), thousands(9_999), thousands(412_345)] == ["16 MB", "9,999", "412 k"]


def test_comparison_says_ratios_and_what_was_stopped() -> None:
    ours = finished(Program("httptrace", ("a",), ours=True), 0.5, 0.6)
    runs = {
        "httptrace": ours,
        "tshark": Runs(TSHARK, [Run(60.0, 60.0, 700_000_000, -1)]),
        "tcpflow": finished(Program("tcpflow", ("c",)), 1.0, 2.0),
        "tcpdump": finished(Program("tcpdump", ("d",)), 0.1, status=2),
    }
    times, details, counts = beside_others([Beside("mixed", NOTHING, runs, 100, None)], [*runs])
    assert " 0.50 s |" in times
    assert "> 60 s (> 120 ×) |" in times
    assert "1.00 s (2.00 ×)" in times
    assert "exit status 2" in times
    assert "700 MB" in details
    assert counts.splitlines()[-1].split() == ["|", "mixed", "|", "10", "|", "100", "|", "100", "|", "-", "|"]


def test_differing_counts_are_remembered(tmp_path: Path) -> None:
    made = capture(TRAFFIC["close"], 40, tmp_path)
    report = Report(Wanted(folder=tmp_path))
    wrong = Capture(made.path, made.packets, made.connections, made.exchanges + 1, made.octets)
    assert report._counted("close", wrong) == made.exchanges
    assert len(report.differing) == 1


def test_every_section_renders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ("--folder", str(tmp_path), "--rounds", "1", "--packets", "200", "--only", "httptrace")
    rows = ("--rows", "keep-alive,one-byte-chunks")
    assert main([*few, *rows, "--sections", "ratios,growth,adversarial"]) == 0
    said = capsys.readouterr()
    assert [line for line in said.out.splitlines() if line.startswith("###")] == [
        "### Beside other programs",
        "### httptrace itself",
        "### Counts",
        "### N, 2 N, 4 N",
        "### Made to hurt",
    ]
    assert "COUNTS DIFFER" not in said.err
    assert list(tmp_path.glob("output-*")) == []


def test_wrong_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--rows", "mixed,tcp"])
    assert stopped.value.code == 2
    assert "there is no 'tcp'" in capsys.readouterr().err


def test_rows_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rows"]) == 0
    assert "| keep-alive " in capsys.readouterr().out


# ---------------------------------------------------------------------- looking inside


def test_a_profile_names_functions(tmp_path: Path) -> None:
    said = profile(capture(TRAFFIC["keep-alive"], 60, tmp_path).path, most=400)
    assert "httptrace/tcp/inorder.py" in said


def test_costs_name_every_step(tmp_path: Path) -> None:
    said = costs(600, (), tmp_path, lambda _: None, rounds=1)
    assert "a connection" in said
    assert "+ JSON" in said
