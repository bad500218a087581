# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""The wall clock of one running process, put forward and back. Go asks the kernel's page of shared
code (the vDSO) for the time, which no preloaded library sees; so that function of the process' own
copy of the page is replaced by the system call and an addition. Linux on x86-64, and the right to
write the other process' memory."""
import platform
import struct

FUNCTION = b"__vdso_clock_gettime"
# mov eax, 228 (clock_gettime); syscall; test edi, edi (CLOCK_REALTIME is 0); jnz over the addition
ASK = bytes.fromhex("b8e4000000 0f05 85ff 7507".replace(" ", ""))
ADD = bytes.fromhex("488106")  # add qword [rsi], a signed 32-bit number: to the seconds
RETURN = bytes.fromhex("c3")


def why_not():
    """Why clocks cannot be moved here; empty: they can."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return f"needs Linux on x86-64, this is {platform.system()} on {platform.machine()}"
    return ""


def page_of(pid):
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
        for line in maps:
            if line.rstrip().endswith("[vdso]"):
                return [int(word, 16) for word in line.split()[0].split("-")]
    raise OSError(f"process {pid} has no vDSO")


def function_in(image):
    """Where in the ELF image FUNCTION begins, and its length."""
    (headers,) = struct.unpack_from("<Q", image, 32)
    (count,) = struct.unpack_from("<H", image, 56)
    dynamic = None
    for i in range(count):
        kind, _, offset = struct.unpack_from("<IIQ", image, headers + 56 * i)
        if kind == 2:
            dynamic = offset
    tags = {}
    tag = -1
    while tag != 0:
        tag, value = struct.unpack_from("<QQ", image, dynamic)
        tags[tag] = value
        dynamic += 16
    strings, symbols = tags[5], tags[6]
    while symbols < strings:
        name, _, _, _, value, size = struct.unpack_from("<IBBHQQ", image, symbols)
        if image[strings + name:].split(b"\0", 1)[0] == FUNCTION:
            return value, size
        symbols += 24
    raise OSError("the vDSO has no " + FUNCTION.decode())


class Clock:
    """Of one process. It is right until set() is called."""

    def __init__(self, pid):
        begin, end = page_of(pid)
        self.path = f"/proc/{pid}/mem"
        with open(self.path, "rb") as memory:
            memory.seek(begin)
            at, size = function_in(memory.read(end - begin))
        code = ASK + ADD + struct.pack("<i", 0) + RETURN
        if size < len(code):
            raise OSError(f"{FUNCTION.decode()} has {size} bytes, {len(code)} are needed")
        self.offset = begin + at + len(ASK + ADD)
        self.write(begin + at, code)

    def set(self, seconds):
        """How far ahead of the machine's it is; whole seconds."""
        self.write(self.offset, struct.pack("<i", int(seconds)))

    def write(self, address, data):
        with open(self.path, "r+b", buffering=0) as memory:
            memory.seek(address)
            memory.write(data)
