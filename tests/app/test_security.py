"""Who is refused, and what every answer says of what a page may do."""

import pytest
from starlette.datastructures import Headers

from diorama.app.security import hosts_of, refusal_of

HOSTS = {"127.0.0.1:8765", "localhost:8765", "[::1]:8765"}
OURS = "http://127.0.0.1:8765"


def refused(method="GET", host="127.0.0.1:8765", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return bool(refusal_of(method, Headers({"host": host, **named}), HOSTS))


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST:8765", "[::1]:8765"])
def test_our_own_names_are_answered(host):
    assert not refused(host=host)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "evil.example:8765", "127.0.0.1", "127.0.0.1:80", "localhost.evil.example:8765"]
)
def test_other_names_are_refused_wherever_they_point(host):
    assert refused(host=host)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1:8765"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_origins_are_refused(method, origin):
    assert refused(method, origin=origin)


def test_a_change_needs_our_own_page():
    assert not refused("POST", origin=OURS)
    assert not refused("POST", sec_fetch_site="same-origin")
    assert refused("POST")
    assert refused("POST", origin=OURS, sec_fetch_site="cross-site")
    assert refused("POST", sec_fetch_site="none")


def test_the_origin_must_be_the_host_that_was_asked():
    assert refused("POST", host="localhost:8765", origin=OURS)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(method):
    assert refused(method, origin=OURS)


def test_a_page_elsewhere_may_link_to_us_and_load_nothing():
    assert not refused(sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="document")
    assert refused(sec_fetch_site="cross-site", sec_fetch_mode="no-cors", sec_fetch_dest="image")
    assert refused(sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="iframe")
    assert refused(sec_fetch_site="same-site", sec_fetch_mode="cors", sec_fetch_dest="empty")


def test_the_port_is_that_of_the_socket():
    assert "localhost:99" in hosts_of({"server": ("127.0.0.1", 99)})
    assert "localhost" in hosts_of({"server": ("127.0.0.1", 80)})
    assert "localhost" not in hosts_of({"server": ("127.0.0.1", 99)})


@pytest.mark.parametrize("address", ["/", "/concepts/small", "/nowhere", "/concepts/small/scene?rate=x"])
def test_every_answer_carries_the_policy(served, address):
    headers = served.client.get(address).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_a_foreign_host_is_refused_by_the_server_itself(served):
    answer = served.client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert "loopback" in answer.text
    assert "content-security-policy" in answer.headers


def test_a_foreign_page_starts_and_deletes_nothing(served):
    plan = {"table": "iris", "model": "CARTClassifier"}
    for address in ("/runs", "/lab/tables?name=a.csv", "/runs/x/delete", "/runs/x/cancel"):
        assert served.client.post(address, json=plan, headers={"Origin": "http://evil.example"}).status_code == 403
    assert served.site.runs.all() == []
