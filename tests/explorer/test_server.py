"""Who can reach the server, who may drive it, and how it ends."""

import asyncio
import signal
import socket
import subprocess
import sys
from urllib.request import urlopen

import psutil
import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

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
    address = f"{own.replace('http', 'ws')}/ws"
    origin = origin.format(own=own, port=own.rpartition(":")[2])

    async def status():
        try:
            request = HTTPRequest(address, headers={"Origin": origin})
            (await websocket_connect(request, subprotocols=["bokeh", "x"])).close()
        except HTTPClientError as error:
            return error.code
        return 101

    # Its own page comes further than the check: what fails then is the made-up session.
    assert (asyncio.run(status()) == 403) is not allowed


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
