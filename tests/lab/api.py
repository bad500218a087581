# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""A small client of the Prometheus HTTP API that keeps what tests look at: status, headers, raw body."""
import http.client
import json
import time
import urllib.parse


class Answer:
    def __init__(self, status, headers, body, seconds):
        self.status = status
        self.headers = headers  # http.client.HTTPMessage: case-insensitive get()
        self.body = body
        self.seconds = seconds

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        """The data of a success; an error answer raises with its text."""
        document = self.json
        if self.status != 200 or document.get("status") != "success":
            raise AssertionError(f"HTTP {self.status}: {self.text[:400]}")
        return document.get("data")

    @property
    def warnings(self):
        return self.json.get("warnings", [])


class Client:
    """One keep-alive connection to one server; reconnects when it was closed. Not for threads."""

    def __init__(self, url, timeout=30):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.prefix = parts.path.rstrip("/")
        self.timeout = timeout
        self._connection = None

    def request(self, method, path, params=None, body=None, headers=None):
        """params go into the URL, a dict or list as body becomes a form."""
        target = self.prefix + path
        if params:
            target += "?" + urllib.parse.urlencode(params, doseq=True)
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = urllib.parse.urlencode(body, doseq=True)
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        if isinstance(body, str):
            body = body.encode()
        begin = time.monotonic()
        for attempt in (1, 2):
            fresh = self._connection is None
            if fresh:
                self._connection = http.client.HTTPConnection(self.host, self.port,
                                                              timeout=self.timeout)
            try:
                self._connection.request(method, target, body=body, headers=headers)
                response = self._connection.getresponse()
                data = response.read()
                break
            except (http.client.HTTPException, OSError):
                self.close()
                # A kept connection may have died idle; a new one that fails is news.
                if fresh or attempt == 2:
                    raise
        if response.will_close:
            self.close()
        return Answer(response.status, response.headers, data, time.monotonic() - begin)

    def get(self, path, headers=None, **params):
        return self.request("GET", path, params=_clean(params), headers=headers)

    def post(self, path, headers=None, **params):
        return self.request("POST", path, body=_clean(params), headers=headers)

    def query(self, expr, time=None, **more):
        return self.post("/api/v1/query", query=expr, time=time, **more)

    def query_range(self, expr, start, end, step, **more):
        return self.post("/api/v1/query_range", query=expr, start=start, end=end, step=step, **more)

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _clean(params):
    """Drops what is None; match -> match[]."""
    return {("match[]" if key == "match" else key): value
            for key, value in params.items() if value is not None}


def wait_until(condition, timeout, what, interval=0.05):
    """Polls until condition() is truthy and returns that value."""
    deadline = time.monotonic() + timeout
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
        except (OSError, http.client.HTTPException, ValueError, KeyError, AssertionError) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}" + (f" ({last})" if last else ""))
        time.sleep(interval)
