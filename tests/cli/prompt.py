# SPDX-License-Identifier: MIT
"""prompt.py CARDMINT: PINs asked on a terminal. Needs card dave, PIN 271828, in CARDMINT_HOME."""
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

CARDMINT = sys.argv[1]


def talk(arguments, dialogue):
    """Runs cardmint on a new terminal; dialogue: pairs of (prompt to wait for, answer or function).

    Returns exit code (negative: signal), all that the terminal showed, and whether it echoes."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(CARDMINT, [CARDMINT, *arguments])
    shown, seen, todo, end = b"", 0, list(dialogue), time.monotonic() + 30
    echo = None
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.05)
        if ready:
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            if not data:
                break
            shown += data
        if todo and todo[0][0] in shown[seen:]:
            seen = len(shown)
            wait_for_no_echo(terminal)
            answer = todo.pop(0)[1]
            if callable(answer):
                answer = answer(pid)
            os.write(terminal, answer)
        if not todo and echo is None:
            time.sleep(0.2)
            echo = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
    else:
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    os.close(terminal)
    assert not todo, (arguments, todo, shown)
    return os.waitstatus_to_exitcode(status), shown, echo


def wait_for_no_echo(terminal):
    for _ in range(200):
        if not termios.tcgetattr(terminal)[3] & termios.ECHO:
            return
        time.sleep(0.01)


def check(title, condition, detail=b""):
    check.failed += not condition
    check.passed += bool(condition)
    if not condition:
        print("FAILED:", title, detail)


check.failed = check.passed = 0


def eject(_pid):
    subprocess.run([CARDMINT, "-q", "card", "eject", "dave"], check=True)
    return b"271828\n"


def interrupt(_pid):
    return b"\x03"


code, shown, echo = talk(["pin", "verify"], [(b"PIN: ", b"271828\n")])
check("the right PIN", code == 0, shown)
check("no echo", b"271828" not in shown, shown)

code, shown, echo = talk(["pin", "verify"], [(b"PIN: ", b"999999\n")])
check("a wrong PIN: exit code 4", code == 4, shown)
check("tries left", b"2 tries left" in shown, shown)
check("a colour only here", b"\033[1;31mcardmint:" in shown or os.environ.get("TERM", "dumb") == "dumb"
      or "NO_COLOR" in os.environ, shown)

code, shown, echo = talk(["pin", "verify"], [(b"PIN: ", b"\n")])
check("an empty PIN costs nothing", code == 2 and b"1 to 127" in shown, shown)

code, shown, echo = talk(["pin", "verify"], [(b"PIN: ", interrupt)])
check("Ctrl-C ends by signal", code == -signal.SIGINT, shown)
check("and the echo is back", echo in (True, None), shown)

code, shown, echo = talk(["pin", "verify"], [(b"PIN: ", eject)])
check("card removed while the PIN was asked: exit code 3", code == 3, (code, shown))
subprocess.run([CARDMINT, "-q", "card", "insert", "dave"], check=True)

code, shown, echo = talk(["card", "new", "erin"],
                         [(b"New PIN for card erin: ", b"314159\n"), (b"again: ", b"314158\n")])
check("two PINs that differ", code == 2 and b"differ" in shown, shown)

code, shown, echo = talk(["card", "new", "erin"],
                         [(b"New PIN for card erin: ", b"314159\n"), (b"again: ", b"314159\n")])
check("a new card from the terminal", code == 0, shown)
check("its PIN is not shown", b"314159" not in shown, shown)

code, shown, echo = talk(["card", "remove", "erin"], [(b"[y/N] ", b"n\n")])
check("no is no", code == 1 and b"kept" in shown, shown)
code, shown, echo = talk(["card", "remove", "erin"], [(b"[y/N] ", b"y\n")])
check("yes is yes", code == 0 and b"removed" in shown, shown)

code, shown, echo = talk(["pin", "change"], [(b"PIN: ", b"271828\n"), (b"The new PIN: ", b"314159\n"),
                                             (b"The same new PIN again: ", b"314158\n")])
check("two new PINs that differ", code == 2 and b"differ" in shown, shown)
code, shown, echo = talk(["pin", "change"], [(b"PIN: ", b"271828\n"), (b"The new PIN: ", b"314159\n"),
                                             (b"The same new PIN again: ", b"314159\n")])
check("the PIN is changed", code == 0 and b"changed" in shown, shown)
check("neither PIN is shown", b"314159" not in shown and b"271828" not in shown, shown)
code, shown, echo = talk(["pin", "verify"], [(b"PIN: ", b"314159\n")])
check("the new PIN is right", code == 0, shown)

print(f"{check.passed} passed, {check.failed} failed")
sys.exit(check.failed != 0)
