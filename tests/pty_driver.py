"""Runs one command on a pseudo-terminal and speaks JSON lines with pty.ts.

in:  {"command", "env", "cwd", "columns", "rows", "pipe", "stderr"} first, then {"input"}, {"resize"}, {"signal"}, {"modes"}
out: {"pid"}, {"screen"}, {"stdout"}, {"modes"}, {"exit", "signal", "modes"}; bytes are base64.
"""
import base64, fcntl, json, os, pty, select, signal, struct, subprocess, sys, termios, time


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def modes():
    local = termios.tcgetattr(slave)[3]
    return {"echo": bool(local & termios.ECHO), "canonical": bool(local & termios.ICANON)}


def resize(columns, rows):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def own_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


start = json.loads(sys.stdin.buffer.readline())
master, slave = pty.openpty()
resize(start["columns"], start["rows"])
child = subprocess.Popen(
    start["command"], env=start["env"], cwd=start["cwd"], stdin=slave,
    stderr=open(start["stderr"], "wb") if start["stderr"] else slave,
    stdout=subprocess.PIPE if start["pipe"] else slave, start_new_session=True, preexec_fn=own_terminal)
say(pid=child.pid)

# This process keeps the terminal open too, so that its modes can be read when the program has ended.
sources = {master: "screen", 0: "orders"}
if start["pipe"]:
    sources[child.stdout.fileno()] = "stdout"
orders = b""
ended = None
while True:
    ready = select.select(list(sources), [], [], 0.02)[0]
    for source in ready:
        data = os.read(source, 65536)
        if sources[source] != "orders":
            if data:
                say(**{sources[source]: base64.b64encode(data).decode()})
            else:
                del sources[source]
            continue
        if not data:
            child.kill()
            sys.exit(0)
        orders += data
        *lines, orders = orders.split(b"\n")
        for order in map(json.loads, lines):
            if "input" in order:
                os.write(master, base64.b64decode(order["input"]))
            elif "resize" in order:
                resize(*order["resize"])
                os.killpg(child.pid, signal.SIGWINCH)
            elif "signal" in order:
                if child.poll() is None:
                    os.kill(child.pid, getattr(signal, order["signal"]))
            elif "modes" in order:
                say(modes=modes())
    # What the program wrote last is read before its end is told.
    if child.poll() is not None and not [source for source in ready if sources.get(source, "orders") != "orders"]:
        ended = ended or time.monotonic()
        if time.monotonic() - ended > 0.05:
            break
code = child.returncode
name = signal.Signals(-code).name if code < 0 else None
say(exit=None if code < 0 else code, signal=name, modes=modes())
