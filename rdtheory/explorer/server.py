"""The page on the loopback: who can reach it, and who may drive it.

A source such as eigenvalues:FILE reads files, so only this machine is listened to, and only a page
that came from this server may open its websocket: other sites are refused.
"""

import webbrowser

from bokeh.application import Application
from bokeh.application.handlers import FunctionHandler
from bokeh.document import Document
from bokeh.server.server import BaseServer
from bokeh.server.tornado import BokehTornado
from bokeh.server.util import bind_sockets
from bokeh.settings import settings
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from rdtheory.errors import InputError
from rdtheory.explorer.page import Page, opening

_ADDRESS = "127.0.0.1"


def serve(port: int, *, browser: bool) -> None:
    """Show the page until Ctrl-C.

    Args:
        port: to listen on; 0 for one that is free.
        browser: whether to open the page in the user's browser.

    Raises:
        InputError: if the port cannot be listened on.
    """
    # Whatever the environment says, nothing is fetched from elsewhere.
    settings.resources = "server"
    if not 0 <= port <= 65535:
        raise InputError("--port", port, "from 0 to 65535")
    try:
        sockets, port = bind_sockets(_ADDRESS, port)
    except OSError as error:
        given = f"{port} ({error.strerror})"
        raise InputError("--port", given, "a port that is free, or 0") from None
    tornado = BokehTornado(
        {"/": Application(FunctionHandler(_open))},
        extra_websocket_origins=[f"{_ADDRESS}:{port}", f"localhost:{port}"],
    )
    http = HTTPServer(tornado)
    http.add_sockets(sockets)
    server = BaseServer(IOLoop.current(), tornado, http)
    opening()
    url = f"http://{_ADDRESS}:{port}/"
    print(f"{url}  (Ctrl-C ends it)", flush=True)
    if browser:
        server.io_loop.add_callback(webbrowser.open, url)
    server.run_until_shutdown()


def _open(document: Document) -> None:
    Page(document)
