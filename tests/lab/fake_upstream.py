# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Upstreams that misbehave on purpose: one server, one fault, on every data path it offers."""
import contextlib
import http.server
import json
import threading
import time

VECTOR = json.dumps({"status": "success", "data": {"resultType": "vector", "result": [
    {"metric": {"__name__": "foo", "i": "fake"}, "value": [1768440000, "1"]}]}}).encode()


def _reply(handler, status, content_type, body, length=None, **headers):
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)
    handler.wfile.flush()


def html(handler):
    _reply(handler, 200, "text/html", b"<html><body>please log in</body></html>")


def cut_body(handler):
    """The connection ends before Content-Length bytes."""
    _reply(handler, 200, "application/json", VECTOR[:60], length=len(VECTOR))
    handler.close_connection = True


def cut_json(handler):
    """A whole HTTP body that is half a document."""
    _reply(handler, 200, "application/json", VECTOR[:-30])


def error_in_200(handler):
    _reply(handler, 200, "application/json",
           b'{"status":"error","errorType":"internal","error":"disk on fire"}')


def http_500(handler):
    _reply(handler, 500, "text/plain", b"internal server error")


def http_503(handler):
    _reply(handler, 503, "application/json",
           b'{"status":"error","errorType":"unavailable","error":"starting up"}')


def redirect(handler):
    _reply(handler, 302, "text/html", b"", Location="http://127.0.0.1:1/elsewhere")


def false_gzip(handler):
    _reply(handler, 200, "application/json", VECTOR, Content_Encoding="gzip")


def number_value(handler):
    """A sample value as a JSON number: Prometheus sends strings."""
    _reply(handler, 200, "application/json", VECTOR.replace(b'"1"]', b"1]"))


def no_content(handler):
    handler.send_response(204)
    handler.end_headers()


def hang_up(handler):
    handler.close_connection = True


def drip(handler):
    """A byte now and then, for ever: neither dead nor alive."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(VECTOR)))
    handler.end_headers()
    with contextlib.suppress(OSError):
        for index in range(len(VECTOR)):
            handler.wfile.write(VECTOR[index:index + 1])
            handler.wfile.flush()
            if handler.server.stopped.wait(0.5):
                break
    handler.close_connection = True


FAULTS = [html, cut_body, cut_json, error_in_200, http_500, http_503, redirect, false_gzip,
          number_value, no_content, hang_up, drip]


class FakeUpstream:
    """Runs in a thread of this process; stop() ends it."""

    def __init__(self, fault, tls=None):
        """fault: what answers a handler, which has the request's body as `form`. tls: a context."""
        self.requests = []  # (time, method, path)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                self.form = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests.append((time.monotonic(), self.command, self.path))
                with contextlib.suppress(OSError):
                    fault(self)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            # The handshake belongs to the connection's thread, not to the one that accepts.
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.server.stopped = threading.Event()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.stopped.set()
        self.server.shutdown()
        self.server.server_close()
