# SPDX-License-Identifier: MIT
"""vpcd.py CARDMINT CARD: is the vpcd reader driver's end of the line for one card."""
import signal
import socket
import struct
import subprocess
import sys

CARDMINT, CARD = sys.argv[1:]


def send(line, body):
    line.sendall(struct.pack(">H", len(body)) + body)


def receive(line):
    data = b""
    while len(data) < 2 or len(data) < 2 + struct.unpack(">H", data[:2])[0]:
        part = line.recv(4096)
        assert part, "the card hung up"
        data += part
    return data[2:]


def start():
    """Returns the program and the line to its card."""
    program = subprocess.Popen([CARDMINT, "card", "insert", CARD, "--vpcd",
                                "127.0.0.1:%d" % driver.getsockname()[1]], stdout=subprocess.PIPE)
    line, _ = driver.accept()
    line.settimeout(20)
    assert b"plugged in" in program.stdout.readline()
    return program, line


driver = socket.create_server(("127.0.0.1", 0))
driver.settimeout(20)

# The driver hangs up: that is the end, and no failure.
program, line = start()
send(line, b"\x01")                                             # power on
send(line, b"\x04")                                             # which ATR?
atr = receive(line)
assert atr[0] == 0x3B, atr
send(line, bytes.fromhex("00A4040C09A00000039742544659"))       # SELECT the GIDS application
answer = receive(line)
assert answer == b"\x90\x00", answer
send(line, bytes.fromhex("00A4040C05F000000001"))               # an application nobody has
assert receive(line) == b"\x6A\x82"
send(line, b"\x02")                                             # reset
send(line, b"\x04")
assert receive(line) == atr
line.close()
assert program.wait(20) == 0

# Ctrl-C takes the card out.
program, line = start()
program.send_signal(signal.SIGINT)
assert program.wait(20) == 0
print("passed")
