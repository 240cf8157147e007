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
from diorama.app.site import Site

SERVE = "from diorama.app import serve; serve(port=0)"


SLOW = {
    "table": "digits",
    "model": "GradientDescentClassifier",
    "parameters": {"max_iter": "100000000", "tol": "none", "learning_rate": "1e-9"},
}


@pytest.fixture
def process(tmp_path):
    """The app in a process of its own."""
    environment = {**os.environ, "DIORAMA_DATA_DIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True, env=environment) as started:
        yield started
        started.kill()


@pytest.fixture
def client(process):
    """What talks to it, as a page of its own does."""
    url = process.stdout.readline().split()[3]
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=60) as made:
        yield made


def start(client, plan):
    return client.post("/runs", json=plan).json()["address"]


def test_it_ends_at_ctrl_c_though_a_run_is_under_way_and_watched(process, client):
    with client.stream("GET", f"{start(client, SLOW)}/events") as events:
        assert next(events.iter_lines()) == "event: progress"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130, -signal.SIGINT)


def test_a_crash_while_training_loses_no_earlier_run(process, client, tmp_path):
    done = start(client, {"table": "iris", "model": "CARTClassifier"})
    client.get(f"{done}/events")
    cut = start(client, SLOW)
    with client.stream("GET", f"{cut}/events") as events:
        assert next(events.iter_lines()) == "event: progress"
        process.kill()
        process.wait(30)
    site = Site.of(Settings(data=tmp_path))
    site.tidy()
    assert site.runs.get(done.rpartition("/")[2]).state == "done"
    assert site.runs.model(done.rpartition("/")[2])
    assert site.runs.get(cut.rpartition("/")[2]).state == "interrupted"


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
