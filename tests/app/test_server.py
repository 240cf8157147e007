"""The app as a process: it says where it is, ends when asked, and says why when it cannot begin."""

import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from diorama._errors import UserError
from diorama.app.server import listen
from diorama.app.settings import Settings, data_folder

SERVE = "from diorama.app import serve; serve(port=0)"


def test_it_says_where_it_is_and_ends_at_ctrl_c_with_a_run_under_way(tmp_path):
    environment = {**os.environ, "DIORAMA_DATA_DIR": str(tmp_path / "kept")}
    process = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True, env=environment)
    with process:
        url = process.stdout.readline().split()[3]
        slow = {"max_iter": "100000000", "tol": "none", "learning_rate": "1e-9"}
        plan = {"table": "digits", "model": "GradientDescentClassifier", "parameters": slow}
        with httpx.Client(base_url=url, headers={"Origin": url}, timeout=30) as client:
            address = client.post("/runs", json=plan).json()["address"]
            with client.stream("GET", f"{address}/events") as events:
                assert next(events.iter_lines()) == "event: progress"
                process.send_signal(signal.SIGINT)
                assert process.wait(30) in (0, 130, -signal.SIGINT)
    assert (tmp_path / "kept" / "runs.sqlite").exists()


def test_a_port_that_is_taken_is_said_to_be():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} cannot be used.*choose another with --port"):
            listen(port)


def test_data_are_kept_where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("DIORAMA_DATA_DIR", str(tmp_path))
    assert Settings().data == tmp_path
    monkeypatch.delenv("DIORAMA_DATA_DIR")
    assert data_folder().name == "diorama"
