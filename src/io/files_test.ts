import assert from "node:assert/strict";
import { FileError, MAX_FILE_BYTES } from "./deps.ts";
import { realFiles } from "./files.ts";
import { PLATFORM } from "../testing.ts";

/** Has no modes, and no links, pipes or signals as other systems do. */
const windows = Deno.build.os === "windows";

const files = realFiles(PLATFORM);
const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text));

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function kindOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof FileError, String(error));
    return error.kind;
  }
  return "no error";
}

const mode = async (path: string) => (await Deno.lstat(path)).mode! & 0o777;

Deno.test("realFiles: what is not there is undefined, empty or no error", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/absent`;
    assert.equal(await files.read(path), undefined);
    assert.equal(await files.stat(path), undefined);
    assert.equal(await files.lstat(path), undefined);
    assert.equal(await files.realPath(path), undefined);
    assert.deepEqual(await files.list(path), []);
    await files.remove(path);
    await files.syncDir(path);
  });
});

/** Whether a file or folder could be given to user 1234. */
async function chowned(path: string): Promise<boolean> {
  return await Deno.chown(path, 1234, 5678).then(() => true, () => false);
}

Deno.test("realFiles.stat: follows a symlink, lstat does not, realPath resolves it", { ignore: windows }, async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "abc", { mode: 0o640 });
    await Deno.chmod(`${folder}/file`, 0o640);
    await Deno.symlink("file", `${folder}/link`);
    const { modified, ...facts } = await files.stat(`${folder}/link`) ?? assert.fail();
    const { kind, mode: bits, size } = facts;
    assert.deepEqual({ kind, mode: bits, size }, { kind: "file", mode: 0o640, size: 3 });
    assert.ok(modified !== undefined && Math.abs(modified - Date.now()) < 60_000);
    assert.equal((await files.lstat(`${folder}/link`))?.kind, "symlink");
    assert.equal(await files.realPath(`${folder}/link`), await Deno.realPath(`${folder}/file`));
    assert.equal(await files.readLink(`${folder}/link`), "file");
    assert.deepEqual(await files.list(folder), ["file", "link"]);
  });
});

Deno.test("realFiles.createNew: writes all bytes with the mode, and never over something that is there", {
  ignore: windows,
}, async () => {
  await inFolder(async (folder) => {
    const big = new Uint8Array(300_000).fill(7);
    await files.createNew(`${folder}/a`, big, 0o600);
    assert.deepEqual(await files.read(`${folder}/a`), big);
    assert.equal(await mode(`${folder}/a`), 0o600);
    assert.equal(await kindOf(files.createNew(`${folder}/a`, bytes("x"), 0o600)), "exists");
    await Deno.symlink(`${folder}/elsewhere`, `${folder}/link`);
    assert.equal(await kindOf(files.createNew(`${folder}/link`, bytes("x"), 0o600)), "exists");
    assert.equal(await files.stat(`${folder}/elsewhere`), undefined);
  });
});

Deno.test("realFiles: each failure has its kind, and the system's words without the path", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    assert.equal(await kindOf(files.read(folder)), "directory");
    assert.equal(await kindOf(files.createNew(`${folder}/no/file`, bytes(""), 0o600)), "missing");
    assert.equal(await kindOf(files.rename(`${folder}/no`, `${folder}/x`)), "missing");
    if (windows) return;
    assert.equal(await kindOf(files.stat(`${folder}/file/x`)), "other");
    await assert.rejects(files.read(folder), { path: folder, message: "Is a directory (os error 21)" });
  });
});

Deno.test("realFiles.read: waits for no pipe, reads no device, and the null device is an empty file", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await inFolder(async (folder) => {
    const made = await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    assert.ok(made.success);
    await Deno.symlink(`${folder}/pipe`, `${folder}/link`);
    await Deno.symlink("/dev/null", `${folder}/null`);
    for (const path of [`${folder}/pipe`, `${folder}/link`, "/dev/zero"]) {
      await assert.rejects(files.read(path), { kind: "other", path, message: "not a regular file" });
    }
    for (const path of ["/dev/null", `${folder}/null`]) assert.deepEqual(await files.read(path), bytes(""));
  });
});

Deno.test("realFiles.read: a file larger than anything of ours is refused before it is read", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/huge`;
    await Deno.writeTextFile(path, "");
    await Deno.truncate(path, MAX_FILE_BYTES + 1);
    await assert.rejects(files.read(path), { kind: "other", path, message: "it is larger than 32 MiB" });
  });
});

Deno.test(
  "realFiles: a file the sandbox does not grant is blocked",
  { permissions: { read: false, write: false } },
  async () => {
    assert.equal(await kindOf(files.read("/etc/passwd")), "blocked");
    assert.equal(await kindOf(files.createNew("/tmp/olaws-never", bytes(""), 0o600)), "blocked");
    assert.equal(await kindOf(files.lock("/tmp/olaws-never")), "blocked");
  },
);

Deno.test("realFiles: a full disk is full and leaves nothing behind; a read-only one is read-only", async (t) => {
  await inFolder(async (folder) => {
    const small = `${folder}/small`;
    await Deno.mkdir(small);
    if (!await mount(["-o", "size=16k"], small)) return console.log("      skipped: this user may not mount");
    try {
      await t.step("full", async () => {
        assert.equal(await kindOf(files.createNew(`${small}/a`, new Uint8Array(1 << 16), 0o600)), "full");
        assert.deepEqual(await files.list(small), []);
      });
      await mount(["-o", "remount,ro"], small);
      await t.step("read-only", async () => {
        assert.equal(await kindOf(files.createNew(`${small}/a`, bytes("x"), 0o600)), "read-only");
      });
    } finally {
      await new Deno.Command("umount", { args: [small] }).output();
    }
  });
});

async function mount(options: readonly string[], folder: string): Promise<boolean> {
  const command = new Deno.Command("mount", { args: ["-t", "tmpfs", ...options, "tmpfs", folder], stderr: "null" });
  return (await Promise.resolve().then(() => command.output()).catch(() => undefined))?.success ?? false;
}

Deno.test(
  "realFiles.makeDir: makes parents with the mode and leaves those that exist alone",
  { ignore: windows },
  async () => {
    await inFolder(async (folder) => {
      await Deno.chmod(folder, 0o755);
      await files.makeDir(`${folder}/a/b`, 0o700);
      assert.deepEqual([await mode(folder), await mode(`${folder}/a`), await mode(`${folder}/a/b`)], [
        0o755,
        0o700,
        0o700,
      ]);
      await files.makeDir(`${folder}/a`, 0o755);
      assert.equal(await mode(`${folder}/a`), 0o700);
    });
  },
);

Deno.test("realFiles: what root makes in a home of somebody else is theirs, and never by its name (attacker: they)", {
  ignore: windows,
}, async () => {
  await inFolder(async (folder) => {
    const home = `${folder}/home`;
    await Deno.mkdir(home);
    if (!await chowned(home)) return console.log("      skipped: only root can give files away");
    const root = await Deno.makeTempFile({ dir: folder });
    await files.createNew(`${home}/a`, bytes("x"), 0o600);
    const { uid, gid, mode: bits } = await Deno.lstat(`${home}/a`);
    assert.deepEqual([uid, gid, (bits ?? 0) & 0o777], [1234, 5678, 0o600]);
    const lock = await files.lock(`${home}/a.lock`);
    assert.equal((await Deno.lstat(`${home}/a.lock`)).uid, 1234);
    await lock.release();
    // A folder could not be given away safely: none is left.
    assert.equal(await kindOf(files.makeDir(`${home}/b/c`, 0o700)), "foreign");
    assert.equal(await files.lstat(`${home}/b`), undefined);
    // What they put in the way is not opened, and keeps its owner.
    await Deno.symlink(root, `${home}/c`);
    assert.equal(await kindOf(files.createNew(`${home}/c`, bytes("x"), 0o600)), "exists");
    assert.equal((await Deno.lstat(root)).uid, 0);
  });
});

Deno.test("realFiles.lock: keeps others out until it is released, and leaves no file", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/x.lock`;
    const order: string[] = [];
    const first = await files.lock(path);
    if (!windows) assert.equal(await mode(path), 0o600);
    const second = files.lock(path).then(async (lock) => {
      order.push("second");
      await lock.release();
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push("first");
    await first.release();
    await second;
    assert.deepEqual(order, ["first", "second"]);
    assert.deepEqual(await files.list(folder), []);
  });
});

Deno.test("realFiles.lock: only one of many has it at a time, though each removes the file", async () => {
  await inFolder(async (folder) => {
    let holders = 0;
    let most = 0;
    // Each its own disk, as if they were processes: they wait in the system, not for one another.
    await Promise.all(Array.from({ length: 10 }, async () => {
      const files = realFiles(PLATFORM);
      for (let n = 0; n < 20; n++) {
        const lock = await files.lock(`${folder}/x.lock`);
        most = Math.max(most, ++holders);
        await files.lstat(folder);
        holders--;
        await lock.release();
      }
    }));
    assert.equal(most, 1);
    assert.deepEqual(await files.list(folder), []);
  });
});

Deno.test("realFiles.lock: a crowd within one process leaves threads for the work", async () => {
  await inFolder(async (folder) => {
    await Promise.all(Array.from({ length: 100 }, async () => {
      const lock = await files.lock(`${folder}/x.lock`);
      await files.lstat(folder);
      await lock.release();
    }));
    assert.deepEqual(await files.list(folder), []);
  });
});

Deno.test("realFiles.lock: rejects with the signal's reason, and takes no lock later on", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/x.lock`;
    const first = await files.lock(path);
    const stop = new AbortController();
    const waiting = files.lock(path, stop.signal);
    const reason = new Error("enough");
    await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort(reason);
    await assert.rejects(waiting, reason);
    await first.release();
    await (await files.lock(path)).release();
    await assert.rejects(files.lock(path, AbortSignal.abort(reason)), reason);
  });
});

Deno.test("realFiles.lock: a lock file left by a run that died is no lock; one that was removed by hand is no trouble", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/x.lock`;
    await Deno.writeTextFile(path, "");
    const lock = await files.lock(path);
    await Deno.remove(path);
    await lock.release();
  });
});

Deno.test("realFiles.lock: does not follow a symlink put in its place", { ignore: windows }, async () => {
  await inFolder(async (folder) => {
    await Deno.symlink(`${folder}/elsewhere`, `${folder}/x.lock`);
    assert.equal(await kindOf(files.lock(`${folder}/x.lock`)), "other");
    assert.equal(await files.lstat(`${folder}/elsewhere`), undefined);
  });
});

Deno.test("realFiles: on Windows there are no bits to set, and the lock file goes, or stays where it has no number", async () => {
  const windows = realFiles("windows");
  const { statSync } = Deno.FsFile.prototype;
  try {
    await inFolder(async (folder) => {
      const path = `${folder}/a`;
      await windows.createNew(path, bytes("x"), 0o600);
      assert.equal((await windows.stat(path))?.mode, undefined);
      await (await windows.lock(`${folder}/x.lock`)).release();
      assert.deepEqual(await files.list(folder), ["a"]);
      Deno.FsFile.prototype.statSync = function () {
        return { ...statSync.call(this), ino: null };
      };
      await (await windows.lock(`${folder}/x.lock`)).release();
      assert.deepEqual(await files.list(folder), ["a", "x.lock"]);
    });
  } finally {
    Deno.FsFile.prototype.statSync = statSync;
  }
});

Deno.test("realFiles: on Windows a removed file that somebody still has open is waited for", async () => {
  const { openSync } = Deno;
  let refused = 0;
  try {
    await inFolder(async (folder) => {
      Deno.openSync = (path, options) => {
        if (refused++ < 3) throw new Deno.errors.PermissionDenied("Access is denied. (os error 5)");
        return openSync(path, options);
      };
      await (await realFiles("windows").lock(`${folder}/x.lock`)).release();
      assert.ok(refused > 3);
      refused = -1000;
      assert.equal(await kindOf(realFiles("windows").lock(`${folder}/x.lock`)), "denied");
    });
  } finally {
    Deno.openSync = openSync;
  }
});

Deno.test("realFiles: what the runtime reports without a code is an error too, and never a bug of this program", async () => {
  const { mkdirSync } = Deno;
  try {
    for (
      const [words, kind] of [
        ["failed to create whole tree: mkdir 'Q:\\x'", "missing"],
        ["General failure: mkdir 'Q:\\x'", "other"],
      ]
    ) {
      Deno.mkdirSync = () => {
        throw new Error(words);
      };
      assert.equal(await kindOf(realFiles("windows").makeDir("Q:\\x", 0o700)), kind);
    }
  } finally {
    Deno.mkdirSync = mkdirSync;
  }
});

Deno.test("realFiles.overwrite: a file that others could read is its owner's alone first, and a link is not followed", {
  ignore: windows,
}, async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/f`, "a longer text");
    await Deno.chmod(`${folder}/f`, 0o666);
    await files.overwrite(`${folder}/f`, bytes("short"));
    assert.deepEqual([await Deno.readTextFile(`${folder}/f`), await mode(`${folder}/f`)], ["short", 0o600]);
    await Deno.symlink("f", `${folder}/link`);
    assert.equal(await kindOf(files.overwrite(`${folder}/link`, bytes("x"))), "other");
    assert.equal(await Deno.readTextFile(`${folder}/f`), "short");
    assert.equal(await kindOf(files.overwrite(`${folder}/none`, bytes("x"))), "missing");
  });
});

Deno.test("realFiles.lock: where the system has no locks, who creates the lock file has it, and a dead one goes", {
  ignore: windows,
}, async () => {
  const { lock } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.lock = () => Promise.reject(new Error("No locks available (os error 37)"));
  try {
    await inFolder(async (folder) => {
      const path = `${folder}/f.lock`;
      // Two disks, since one lets its own callers take turns.
      const held = await realFiles(PLATFORM).lock(path);
      const reason = new Error("enough");
      const waits = new AbortController();
      const waiting = realFiles(PLATFORM).lock(path, waits.signal);
      queueMicrotask(() => waits.abort(reason));
      await assert.rejects(waiting, reason);
      const next = realFiles(PLATFORM).lock(path);
      await held.release();
      await (await next).release();
      assert.deepEqual(Array.from(Deno.readDirSync(folder)), []);
      await Deno.writeTextFile(path, "");
      await Deno.utime(path, 0, 0);
      await (await realFiles(PLATFORM).lock(path)).release();
      assert.deepEqual(Array.from(Deno.readDirSync(folder)), []);
    });
  } finally {
    Deno.FsFile.prototype.lock = lock;
  }
});

Deno.test("realFiles: a disk that cannot flush is written all the same; another failure of the flush counts", async () => {
  const { sync } = Deno.FsFile.prototype;
  try {
    await inFolder(async (folder) => {
      const bytes = new TextEncoder().encode("x");
      Deno.FsFile.prototype.sync = () => Promise.reject(new TypeError("Invalid argument (os error 22)"));
      await realFiles(PLATFORM).createNew(`${folder}/a`, bytes, 0o600);
      await realFiles(PLATFORM).overwrite(`${folder}/a`, new TextEncoder().encode("longer"));
      assert.equal(await Deno.readTextFile(`${folder}/a`), "longer");
      Deno.FsFile.prototype.sync = () => Promise.reject(new Error("Input/output error (os error 5)"));
      await assert.rejects(realFiles(PLATFORM).createNew(`${folder}/b`, bytes, 0o600));
    });
  } finally {
    Deno.FsFile.prototype.sync = sync;
  }
});
