"""Who can reach the server, who may drive it, and how it ends."""

import re
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from urllib.request import urlopen

import psutil
import pytest

from tests.explorer.conftest import start


def test_it_listens_on_the_loopback_alone(server):
    process, url = server
    port = int(url.rstrip("/").rpartition(":")[2])
    listening = [
        one.laddr for one in psutil.Process(process.pid).net_connections() if one.status == "LISTEN"
    ]
    assert [tuple(address) for address in listening] == [("127.0.0.1", port)]


def test_the_page_names_no_other_host(server):
    with urlopen(server[1]) as reply:
        page = reply.read().decode()
    assert "/static/js/bokeh.min.js" in page
    assert "https://" not in page


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("{own}", True),
        ("http://evil.example", False),
        ("http://127.0.0.1:1", False),
        ("http://evil.example:{port}", False),
    ],
)
def test_only_its_own_page_may_open_the_websocket(server, origin, allowed):
    own = server[1].rstrip("/")
    host = own.partition("://")[2]
    with urlopen(server[1]) as reply:
        token = re.search(r'"token":"([^"]+)"', reply.read().decode())[1]
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Origin": origin.format(own=own, port=host.partition(":")[2]),
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Protocol": f"bokeh, {token}",
        "Sec-WebSocket-Version": "13",
    }
    connection = HTTPConnection(host)
    connection.request("GET", "/ws", headers=headers)
    reply = connection.getresponse()
    assert reply.status == (101 if allowed else 403)
    reply.close()
    connection.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_without_a_traceback(how):
    process, url = start()
    with urlopen(url):
        pass
    process.send_signal(how)
    out, err = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in out + err
    assert err == ""


def test_a_port_in_use_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "rdtheory", "explore", "--no-browser", "--port", str(port)],
            capture_output=True,
            text=True,
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: --port: got {port} (")
    assert done.stderr.count("\n") == 1
