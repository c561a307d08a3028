"""Runs commands in turn (A B C, C A B, ...) and times each from start to end, as the system accounts for it.

stdin:  {"rounds", "series": [{"command", "env", "cwd", "parallel", "until"}]}
stdout: one JSON line a round and series: {"series", "wall", "cpu", "peak", "codes"}; seconds and KiB.

"until" starts the command on a pseudo-terminal, and the time ends when the text is on the screen; then it is killed.
"parallel" starts that many at once; the time ends with the last one.

Each round has an order of its own (the same in every run of this file): what runs behind a large program finds the
processor's caches empty, and it should not always be the same one.
"""
import fcntl, json, os, pty, random, struct, subprocess, sys, termios, time


def reap(process):
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used


def whole(series):
    start = time.monotonic()
    running = [
        subprocess.Popen(series["command"], env=series["env"], cwd=series["cwd"], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(series.get("parallel", 1))]
    used = [reap(process) for process in running]
    return time.monotonic() - start, used, [process.returncode for process in running]


def until(series):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    wanted, seen = series["until"].encode(), b""
    start = time.monotonic()
    process = subprocess.Popen(series["command"], env=series["env"], cwd=series["cwd"], stdin=slave, stdout=slave,
                               stderr=slave, start_new_session=True)
    os.close(slave)
    try:
        while wanted not in seen:
            data = os.read(master, 65536)
            seen += data
        found = True
    except OSError:  # It ended without the text.
        found = False
    wall = time.monotonic() - start
    process.kill()
    used = reap(process)
    os.close(master)
    return wall, [used], [0 if found else -1]


work = json.load(sys.stdin)
for round in range(work["rounds"] + 1):
    order = list(enumerate(work["series"]))
    random.Random(round).shuffle(order)
    for index, series in order:
        wall, used, codes = until(series) if "until" in series else whole(series)
        if round > 0:  # The first one fills the caches of the disk.
            print(json.dumps({
                "series": index, "wall": wall, "cpu": sum(each.ru_utime + each.ru_stime for each in used),
                # macOS counts bytes, the others KiB.
                "peak": max(each.ru_maxrss for each in used) // (1024 if sys.platform == "darwin" else 1),
                "codes": codes}), flush=True)
        elif any(codes):
            sys.exit(f"{series['command'][0]} ended with {codes}: {' '.join(series['command'][1:])}")
