"""What only a process of its own shows: pipes, Ctrl-C, exit statuses, how soon it answers."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from diorama._iterate import Fit, iterate, observing
from diorama.cli.interrupting import Interrupts

DIORAMA = [sys.executable, "-m", "diorama"]


def call(*arguments, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*DIORAMA, *arguments], capture_output=True, text=True, timeout=120, **options)


def test_the_version_comes_without_loading_anything(capsys):
    start = time.perf_counter()
    result = call("--version")
    seconds = time.perf_counter() - start
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("diorama ")
    with capsys.disabled():
        print(f" [diorama --version: {seconds:.2f} s]", end="")


@pytest.mark.parametrize("arguments", [["--help"], ["fit", "--help"], ["models", "--help"]])
def test_help_imports_no_library_of_numbers(arguments):
    code = (
        "import sys\nfrom diorama.cli import app\n"
        f"try:\n    app({arguments!r})\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'polars', 'sklearn', 'numba', 'skrub', 'altair', 'rich', 'starlette'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)


def test_a_numeric_fit_loads_no_skrub_and_no_pictures():
    code = (
        "import sys\nfrom diorama.cli import app\n"
        "try:\n    app(['fit', 'iris', '--model', 'CARTClassifier'])\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "heavy = {'skrub', 'altair', 'vl_convert', 'starlette', 'latex2mathml'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)


def test_a_pipe_that_closes_early_breaks_nothing():
    script = f'set -o pipefail; "{sys.executable}" -m diorama models | head -n 1'
    result = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120)
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""
    assert result.returncode == 0


def test_output_in_a_pipe_has_no_colours():
    result = call("fit", "iris", "--model", "CARTClassifier")
    assert result.returncode == 0
    assert "\x1b" not in result.stdout + result.stderr


def test_no_color_is_obeyed_where_colours_are_forced():
    result = call("datasets", env={**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "1", "TERM": "xterm-256color"})
    assert "\x1b[3" not in result.stdout


def test_a_terminal_without_the_characters_gets_others():
    result = call("fit", "diabetes", "--model", "LinearRegression", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert result.returncode == 0
    assert "R?" in result.stdout


def test_a_user_error_in_a_process():
    result = call("fit", "nowhere.csv", "--model", "KMeans")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("diorama: there is no file nowhere.csv")


def test_ctrl_c_ends_with_130_and_leaves_no_file(tmp_path: Path):
    random = np.random.default_rng(0)
    frame = pl.DataFrame(random.normal(size=(20_000, 8)), schema=[f"x{i}" for i in range(8)])
    frame.with_columns(y=random.normal(size=20_000)).write_parquet(tmp_path / "t.parquet")
    arguments = ["fit", "t.parquet", "--target", "y", "--model", "GradientDescentRegressor", "--out", "m.diorama"]
    endless = ["--set", "max_iter=100000000", "--set", "tol=0", "--set", "learning_rate=0.000000001"]
    process = subprocess.Popen(
        [*DIORAMA, *arguments, *endless, "--replay", "r.html"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert (out, err) == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


def test_ctrl_c_that_a_library_swallowed_counts_at_the_next_step():
    before = signal.getsignal(signal.SIGINT)
    with Interrupts() as interrupts, observing(interrupts):
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            iterate(0, lambda state: state + 1, lambda previous, state: False, max_iter=5, fit=Fit(None))
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_while_a_library_executes_text_ends_with_130(tmp_path: Path):
    code = (
        "from diorama.cli.app import app, main\n@app.command()\ndef read(): exec('raise KeyboardInterrupt')\nmain()\n"
    )
    (tmp_path / "reader.py").write_text(code)
    ended = subprocess.run([sys.executable, "-m", "reader", "read"], cwd=tmp_path, capture_output=True, timeout=60)
    assert ended.returncode == 130


def test_the_bar_shows_in_a_terminal_and_is_gone_after(tmp_path: Path):
    pty = pytest.importorskip("pty", reason="a terminal needs a system with ptys")
    random = np.random.default_rng(0)
    frame = pl.DataFrame(random.normal(size=(20_000, 8)), schema=[f"x{i}" for i in range(8)])
    frame.with_columns(y=random.normal(size=20_000)).write_parquet(tmp_path / "t.parquet")
    main, side = pty.openpty()
    arguments = ["fit", "t.parquet", "--target", "y", "--model", "GradientDescentRegressor"]
    endless = ["--set", "max_iter=100000000", "--set", "tol=0", "--set", "learning_rate=0.000000001"]
    process = subprocess.Popen([*DIORAMA, *arguments, *endless], cwd=tmp_path, stderr=side, stdout=subprocess.DEVNULL)
    os.close(side)
    seen = b""
    while b"fitting GradientDescentRegressor" not in seen:
        seen += os.read(main, 4096)
    process.send_signal(signal.SIGINT)
    try:
        while chunk := os.read(main, 4096):
            seen += chunk
    except OSError:  # the other side has closed
        pass
    assert process.wait(timeout=20) == 130
    # the line is cleared and the cursor is back
    assert b"\x1b[2K" in seen
    assert seen.rindex(b"\x1b[?25h") > seen.rindex(b"\x1b[?25l")
