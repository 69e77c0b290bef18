"""A server in a process of its own, and headless Chromium without anything of the user's."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1440,1180",
)


@pytest.fixture(scope="session")
def server():
    """The process of `rdtheory explore`, warnings being errors, and its address."""
    process, url = start()
    yield process, url
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in out + err, err


def start(*options):
    """Start a server; returns its process and the address that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "rdtheory", "explore", "--no-browser", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return process, line.split()[0]


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """A driver of headless Chromium, which writes down what it asks of the network."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        where = " in CI" if os.environ.get("CI") == "true" else ""
        pytest.skip(f"needs the Debian packages chromium and chromium-driver{where}")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for flag in (*_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    driver.set_script_timeout(60)
    yield driver
    driver.quit()


class Tab:
    """One tab with the page: its models by name, as BokehJS has them."""

    def __init__(self, driver, url):
        self.driver = driver
        driver.get_log("browser"), driver.get_log("performance")
        driver.get(url)
        self.wait(
            "return !!window.Bokeh && Bokeh.documents.length == 1 && Bokeh.documents[0].is_idle"
        )

    def wait(self, script, *arguments):
        """Wait until JavaScript returns something true, and return it."""
        from selenium.webdriver.support.ui import WebDriverWait

        # A page that never gets there fails here; how long it takes is not tested.
        return WebDriverWait(self.driver, 30, 0.05).until(
            lambda driver: driver.execute_script(script, *arguments)
        )

    def get(self, name, field):
        """A field of the model of that name."""
        return self.driver.execute_script(
            "return Bokeh.documents[0].get_model_by_name(arguments[0])[arguments[1]]", name, field
        )

    def set(self, name, value, field="value"):
        """What a widget does when the user has changed it."""
        self.driver.execute_script(
            "Bokeh.documents[0].get_model_by_name(arguments[0])[arguments[1]] = arguments[2]",
            name,
            field,
            value,
        )

    def until(self, name, field, part):
        """Wait until a text holds something."""
        return self.wait(
            "return Bokeh.documents[0].get_model_by_name(arguments[0])[arguments[1]]"
            ".includes(arguments[2])",
            name,
            field,
            part,
        )

    def mark(self):
        """Where the operating point is drawn."""
        return self.driver.execute_script(
            "const {data} = Bokeh.documents[0].get_model_by_name('operating-point');"
            "return [data.get ? data.get('x')[0] : data.x[0],"
            " data.get ? data.get('y')[0] : data.y[0]]"
        )

    def find(self, selector):
        """An element, whatever shadow roots it is under."""
        return self.driver.execute_script(
            """
            function find(root, selector) {
                const found = root.querySelector(selector)
                if (found) return found
                for (const one of root.querySelectorAll('*')) {
                    const inside = one.shadowRoot && find(one.shadowRoot, selector)
                    if (inside) return inside
                }
                return null
            }
            return find(document, arguments[0])
            """,
            selector,
        )

    def complaints(self):
        """What the console of the browser says that is no news."""
        return [one for one in self.driver.get_log("browser") if one["level"] != "INFO"]

    def requests(self):
        """The addresses that were asked for since the page was."""
        messages = [
            json.loads(one["message"])["message"] for one in self.driver.get_log("performance")
        ]
        return [
            message["params"].get("request", message["params"])["url"]
            for message in messages
            if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated")
        ]


@pytest.fixture
def tab(chromium, server):
    """A fresh page; what the console and the network did is looked at when the test is over."""
    opened = Tab(chromium, server[1])
    yield opened
    assert opened.complaints() == []
    own = server[1].partition("://")[2]
    for url in opened.requests():
        scheme, _, rest = url.partition("://")
        assert (scheme in ("http", "ws") and rest.startswith(own)) or url.startswith(
            ("data:", "chrome:", "about:")
        ), url
