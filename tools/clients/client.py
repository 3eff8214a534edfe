#!/usr/bin/env python3
"""A client of `understudy serve`, with Python's standard library alone.

usage: client.py ADDRESS [SEED]   ADDRESS: unix:PATH or HOST:PORT
Reads observations from standard input, a line of numbers each, and writes the actions. An empty line begins an episode.
"""
import socket
import struct
import sys


class Policy:
    def __init__(self, address):
        if address.startswith("unix:"):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(address[5:])
        else:
            host, port = address.rsplit(":", 1)
            self.socket = socket.create_connection((host.strip("[]"), int(port)))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._receive(13) != b"UNDERSTUDY 1\n":
            raise RuntimeError(f"{address}: no understudy serves there")
        self.observation_size, self.action_size = struct.unpack("<2I", self._receive(8))

    def reset(self, seed=1):
        self._ask(b"R" + struct.pack("<Q", seed))

    def act(self, observation):
        self._ask(b"A" + struct.pack(f"<{self.observation_size}f", *observation))
        return struct.unpack(f"<{self.action_size}f", self._receive(4 * self.action_size))

    def _ask(self, request):
        self.socket.sendall(request)
        answer = self._receive(1)
        if answer == b"E":
            (size,) = struct.unpack("<I", self._receive(4))
            raise RuntimeError(self._receive(size).decode())

    def _receive(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise RuntimeError("the server has gone")
            data += part
        return data


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    policy = Policy(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    policy.reset(seed)
    for line in sys.stdin:
        if line.strip():
            print(*(f"{number:.9g}" for number in policy.act([float(word) for word in line.split()])), flush=True)
        else:
            policy.reset(seed)
