#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What Synoptic shows its regions: passwords, tokens, certificates, signatures, each to a server that
insists on it, and new ones taken from files without a reload. No secret is shown to anybody else.

usage: auth_test.py [-v]
"""
import base64
import hashlib
import hmac
import json
import pathlib
import ssl
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab import fake_upstream  # noqa: E402
from lab.api import wait_until  # noqa: E402
from lab.fake_upstream import FakeUpstream  # noqa: E402
from lab.servers import Synoptic  # noqa: E402
from lab.topology import Lab  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

ACCESS, SECRET = "AKIDEXAMPLE", "verysecret/key+1"


class Authority:
    def __init__(self, directory):
        self.directory = directory
        directory.mkdir()
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-keyout", "ca.key", "-out", "ca.crt", "-days", "3650", "-subj", "/CN=lab")

    def run(self, *words):
        subprocess.run(["openssl", *words], cwd=self.directory, check=True, capture_output=True)

    def issue(self, name):
        """name.crt and name.key, for a server on 127.0.0.1 or a client."""
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (self.directory / "san").write_text("subjectAltName=IP:127.0.0.1\n")
        self.run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                 "-CAcreateserial", "-days", "3650", "-extfile", "san", "-out", f"{name}.crt")

    def server_context(self, name, clients=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.directory / f"{name}.crt", self.directory / f"{name}.key")
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.directory / "ca.crt")
        return context


def answer(handler):
    form = urllib.parse.parse_qs(handler.form.decode() or handler.path.partition("?")[2])
    at = float(form.get("time", ["0"])[0])
    value = "1"
    body = json.dumps({"status": "success", "data": {"resultType": "vector", "result": [
        {"metric": {"__name__": "foo"}, "value": [at, value]}]}}).encode()
    fake_upstream._reply(handler, 200, "application/json", body)


def insists_on(header, wanted):
    """A server that answers those who show the header; `wanted` is a list, to be changed."""
    def fault(handler):
        if handler.headers.get(header) == wanted[0]:
            return answer(handler)
        return fake_upstream._reply(handler, 401, "text/plain", b"who are you?")
    return fault


def signature_of(handler, date, names):
    """Amazon's description, once more and apart from the program's."""
    path, _, query = handler.path.partition("?")
    pairs = sorted((urllib.parse.quote(k, safe="-_.~"), urllib.parse.quote(v, safe="-_.~"))
                   for k, v in urllib.parse.parse_qsl(query, keep_blank_values=True))
    lines = "".join(f"{name}:{' '.join(handler.headers[name].split())}\n" for name in names)
    canonical = "\n".join([handler.command, urllib.parse.quote(path, safe="/-_.~"),
                           "&".join(f"{k}={v}" for k, v in pairs), lines, ";".join(names),
                           hashlib.sha256(handler.form).hexdigest()])
    scope = f"{date[:8]}/eu-west-1/aps/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def signed(handler):
    text = handler.headers.get("Authorization") or ""
    fields = dict(part.strip().partition("=")[::2] for part in text.partition(" ")[2].split(","))
    names = fields.get("SignedHeaders", "").split(";")
    if not text.startswith(f"AWS4-HMAC-SHA256 Credential={ACCESS}/") or "host" not in names:
        return fake_upstream._reply(handler, 403, "text/plain", b"not signed")
    if fields["Signature"] != signature_of(handler, handler.headers["X-Amz-Date"], names):
        return fake_upstream._reply(handler, 403, "text/plain", b"signed wrongly")
    return answer(handler)


def main():
    cases = Cases("auth")
    with Lab() as lab:
        authority = Authority(lab.directory / "ca")
        for name in ("server", "first", "second"):
            authority.issue(name)
        files = {name: lab.directory / name for name in ("password", "token", "client.crt", "client.key")}

        def present(name):
            for end in ("crt", "key"):
                files[f"client.{end}"].write_bytes((authority.directory / f"{name}.{end}").read_bytes())
        files["password"].write_text("secret-one\n")
        files["token"].write_text("token-one\n")
        present("first")

        def basic(password):
            return "Basic " + base64.b64encode(f"ada:{password}".encode()).decode()
        wanted = {"basic": [basic("secret-one")], "bearer": ["Bearer token-one"],
                  "oauth": ["Bearer issued-1"], "headers": ["tenant-7"]}
        seen, issued, gone = [], [], []

        def by_certificate(handler):
            seen.append(dict(pair[0] for pair in handler.connection.getpeercert()["subject"])["commonName"])
            answer(handler)

        def tokens(handler):
            if gone:
                return fake_upstream._reply(handler, 503, "text/plain", b"no tokens today")
            issued.append((handler.headers.get("Authorization"), handler.form.decode()))
            body = json.dumps({"access_token": f"issued-{len(issued)}", "token_type": "bearer",
                               "expires_in": 3600}).encode()
            return fake_upstream._reply(handler, 200, "application/json", body)

        tls = authority.server_context
        servers = {
            "basic": FakeUpstream(insists_on("Authorization", wanted["basic"])),
            "bearer": FakeUpstream(insists_on("Authorization", wanted["bearer"])),
            "oauth": FakeUpstream(insists_on("Authorization", wanted["oauth"])),
            "headers": FakeUpstream(insists_on("X-Scope-OrgID", wanted["headers"])),
            "sigv4": FakeUpstream(signed),
            "mutual": FakeUpstream(by_certificate, tls("server", clients=True)),
            "redirect": FakeUpstream(fake_upstream.redirect),
        }
        endpoint = FakeUpstream(tokens, tls("server"))
        ca = {"ca_file": str(authority.directory / "ca.crt")}
        http = {
            "basic": {"basic_auth": {"username": "ada", "password_file": str(files["password"])}},
            "bearer": {"authorization": {"credentials_file": str(files["token"])}},
            "oauth": {"oauth2": {"client_id": "synoptic", "client_secret": "secret-two",
                                 "token_url": endpoint.url + "/token", "scopes": ["metrics"],
                                 "tls_config": ca}},
            "headers": {"headers": {"X-Scope-OrgID": "tenant-7"}},
            "sigv4": {"sigv4": {"region": "eu-west-1", "access_key": ACCESS, "secret_key": SECRET}},
            "mutual": {"tls_config": {**ca, "cert_file": str(files["client.crt"]),
                                      "key_file": str(files["client.key"])}},
            "redirect": {},
        }
        config = {"regions": [
            {"name": name, "shards": [{"read": "query", "flavor": "mimir", "http": http[name],
                                       "replicas": [{"url": server.url}]}]}
            for name, server in servers.items()], "cache": {"memory": 0}}
        synoptic = lab.add(Synoptic(lab.directory / "synoptic", config, flags=["--log-level", "debug"]))
        lab.synoptic = synoptic
        ours = synoptic.start().client()

        def answers(name, instant=1768440000):
            got = ours.query("sum(foo)", time=instant, regions=name)
            return got.status == 200 and got.data["result"] == [
                {"metric": {}, "value": [instant, "1"]}]

        for name in servers:
            if name == "redirect":
                continue
            with cases.case(f"{name}: shown and accepted"):
                wait_until(lambda: answers(name), 15, f"an answer of {name}")
        with cases.case("a redirect is not followed: the region is missing"):
            contains(ours.query("sum(foo)", time=1768440000, regions="redirect").text, "302")
        with cases.case("one token serves all requests"):
            for _ in range(5):
                assert answers("oauth")
            equal(len(issued), 1)
            contains(issued[0][1], "grant_type=client_credentials&scope=metrics")
            contains(base64.b64decode(issued[0][0].split()[1]).decode(), "synoptic:secret-two")
        with cases.case("a token that was revoked is fetched anew"):
            wanted["oauth"][0] = "Bearer issued-2"
            wait_until(lambda: answers("oauth"), 15, "an answer with the next token")
        with cases.case("new passwords, tokens and certificates come from files without a reload"):
            wanted["basic"][0], wanted["bearer"][0] = basic("secret-three"), "Bearer token-two"
            files["password"].write_text("secret-three\n")
            files["token"].write_text("token-two\n")
            seen.clear()
            present("second")
            wait_until(lambda: answers("basic") and answers("bearer"), 20, "both answer")
            wait_until(lambda: answers("mutual") and seen[-1] == "second", 20, "the new certificate")
        with cases.case("no secret is shown"):
            shown = synoptic.log_since_launch() + ours.get("/api/v1/status/config").text + \
                ours.get("/metrics").text
            for secret in ("secret-one", "secret-two", "secret-three", "token-one", "token-two",
                           "issued-1", SECRET, "BEGIN PRIVATE", "BEGIN EC"):
                assert secret not in shown, secret
        with cases.case("an endpoint that gives no tokens is named"):
            gone.append(True)
            wanted["oauth"][0] = "Bearer never"
            wait_until(lambda: f"oauth2 token from {endpoint.url}/token: HTTP 503" in
                       ours.query("sum(foo)", time=1768440000, regions="basic,oauth", coverage="1").text,
                       15, "the endpoint's name", interval=0.01)
        with cases.case("Synoptic stops in order"):
            lab.stop_synoptic()
        for server in (*servers.values(), endpoint):
            server.stop()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
