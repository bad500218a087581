# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""U18: servers whose TLS is wrong, each in one way. Certificates come from openssl."""
import asyncio
import shutil
import ssl
import subprocess

DAYS = "3650"
# These are talked to; the others are not.
GOOD = ("good", "tls13_only", "huge")


class Authority:
    """A certificate authority in a directory; openssl ca, because it can date back."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", DAYS, "-subj", "/CN=chaos",
                 "-addext", "basicConstraints=critical,CA:TRUE")

    def run(self, *words):
        subprocess.run(["openssl", *words], cwd=self.directory, check=True, capture_output=True)

    def request(self, name):
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")

    def sign(self, name, extensions, issuer="ca", dates=()):
        (self.directory / f"{name}.ext").write_text(extensions)
        if dates:
            work = self.directory / f"{name}.db"
            work.mkdir()
            (work / "index").write_text("")
            (self.directory / f"{name}.cnf").write_text(
                "[ca]\ndefault_ca=d\n[d]\ndatabase=%s\nnew_certs_dir=%s\nrand_serial=yes\n"
                "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n" % (work / "index", work))
            self.run("ca", "-batch", "-config", f"{name}.cnf", "-in", f"{name}.csr", "-out",
                     f"{name}.crt", "-cert", f"{issuer}.crt", "-keyfile", f"{issuer}.key", "-notext",
                     "-startdate", dates[0], "-enddate", dates[1], "-extfile", f"{name}.ext")
        else:
            self.run("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.crt", "-CAkey",
                     f"{issuer}.key", "-CAcreateserial", "-days", DAYS, "-out", f"{name}.crt",
                     "-extfile", f"{name}.ext")

    def server(self, name, extensions="subjectAltName=IP:127.0.0.1", **more):
        self.request(name)
        self.sign(name, extensions, **more)


def make_certificates(directory):
    if (directory / "done").exists():
        return
    shutil.rmtree(directory, ignore_errors=True)
    ca = Authority(directory)
    ca.server("good")
    ca.server("expired", dates=("20200101000000Z", "20210101000000Z"))
    ca.server("not_yet", dates=("20900101000000Z", "20910101000000Z"))
    ca.server("wrong_name", "subjectAltName=DNS:elsewhere.example")
    names = ",".join(f"DNS:{'x' * 40}{i}.example" for i in range(1200))
    ca.server("huge", f"subjectAltName=IP:127.0.0.1,{names}")
    ca.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
           "-keyout", "self_signed.key", "-out", "self_signed.crt", "-days", DAYS, "-subj",
           "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    issuer, chain = "ca", []
    for depth in range(50):
        name = f"link{depth}"
        ca.server(name, "basicConstraints=critical,CA:TRUE", issuer=issuer)
        chain.insert(0, (directory / f"{name}.crt").read_text())
        issuer = name
    ca.server("chain_of_50", issuer=issuer)
    with open(directory / "chain_of_50.crt", "a", encoding="ascii") as out:
        out.writelines(chain)
    (directory / "done").write_text("")


def context(directory, name, client=False):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(directory / f"{name}.crt", directory / f"{name}.key")
    if client:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(directory / "ca.crt")
    return made


async def raw(data, reader, writer):
    """Reads the ClientHello, sends bytes that are no TLS or the wrong one, and stays."""
    try:
        await reader.read(4096)
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(30)
    except OSError:
        pass
    finally:
        writer.close()


RAW = {
    "not_tls": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "tls10_only": b"\x16\x03\x01\x00\x31\x02\x00\x00\x2d\x03\x01" + b"\x11" * 32
                  + b"\x00\xc0\x13\x00\x00\x05\xff\x01\x00\x01\x00",
    "garbage_record": b"\x16\x03\x03\xff\xff" + b"\xaa" * 70_000,
    "alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "endless_handshake": b"\x16\x03\x03\x40\x00\x0b\xff\xff\xff" + b"\x00" * 16_380,
    "silence": b"",
}


async def listen(directory, serve):
    """[(name, port)] of one listener a way to be wrong."""
    make_certificates(directory)
    found = []

    async def add(name, handler, made=None):
        server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=made)
        found.append((name, server.sockets[0].getsockname()[1]))

    for name in ("good", "expired", "not_yet", "wrong_name", "self_signed", "chain_of_50", "huge"):
        await add(name, serve, context(directory, name))
    await add("mtls_refused", serve, context(directory, "good", client=True))
    only = context(directory, "good")
    only.minimum_version = ssl.TLSVersion.TLSv1_3
    await add("tls13_only", serve, only)
    for name, data in RAW.items():
        await add(name, lambda reader, writer, data=data: raw(data, reader, writer))
    return found
