import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { realClock } from "./clock.ts";
import { FileError, type Files } from "./deps.ts";
import { realFiles } from "./files.ts";
import { LOCK_SUFFIX, TEMP_SUFFIX } from "./paths.ts";
import { checkWritable, resolveTarget, updateFile, updateFiles } from "./safe_file.ts";
import { PLATFORM } from "../testing.ts";

/** Has no modes, and no links, pipes or signals as other systems do. */
const windows = Deno.build.os === "windows";

const files = realFiles(PLATFORM);
const deps = { files, clock: realClock() };
const encode = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const decode = (bytes: Uint8Array | undefined) => bytes === undefined ? undefined : new TextDecoder().decode(bytes);
const append = (text: string) => (old: Uint8Array | undefined) => encode((decode(old) ?? "") + text);
const mode = async (path: string) => (await Deno.lstat(path)).mode! & 0o777;

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A clock whose second is ten milliseconds long. */
function quick(slept: number[] = []) {
  return {
    now: Date.now,
    sleep(ms: number): Promise<void> {
      slept.push(ms);
      return new Promise((resolve) => setTimeout(resolve, ms / 100));
    },
  };
}

async function refused(work: Promise<unknown>, exit: number, pattern: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.exit, exit);
    assert.match(error.message, pattern);
    assert.ok(error.hints.length > 0);
    return true;
  });
}

Deno.test("updateFile: creates a private file in a private folder, and leaves no lock and no temporary file", {
  ignore: windows,
}, async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/.aws/credentials`;
    assert.deepEqual(await updateFile(deps, path, append("new\n")), { path, changed: true });
    assert.equal(await Deno.readTextFile(path), "new\n");
    assert.deepEqual([await mode(path), await mode(`${folder}/.aws`)], [0o600, 0o700]);
    assert.deepEqual(await files.list(`${folder}/.aws`), ["credentials"]);
  });
});

Deno.test(
  "updateFile: hands the old bytes to the edit, and the new ones to the owner alone, whatever the bits were",
  { ignore: windows },
  async () => {
    for (const [bits, loose] of [[0o644, true], [0o400, false], [0o660, true], [0o600, false]] as const) {
      await inFolder(async (folder) => {
        const path = `${folder}/f`;
        await Deno.writeTextFile(path, "old\n");
        await Deno.chmod(path, bits);
        const updated = await updateFile(deps, path, append("new\n"));
        assert.deepEqual(updated, { path, changed: true, ...(loose ? { looseMode: bits } : {}) });
        assert.equal(await Deno.readTextFile(path), "old\nnew\n");
        assert.equal(await mode(path), bits & 0o700);
      });
    }
  },
);

Deno.test("updateFile: an edit that changes nothing writes nothing", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/f`;
    await Deno.writeTextFile(path, "old\n");
    const { ino } = await Deno.stat(path);
    assert.equal((await updateFile(deps, path, () => undefined)).changed, false);
    assert.equal((await updateFile(deps, path, () => encode("old\n"))).changed, false);
    assert.equal((await Deno.stat(path)).ino, ino);
    assert.equal((await updateFile(deps, `${folder}/absent`, () => undefined)).changed, false);
    assert.deepEqual(await files.list(folder), ["f"]);
  });
});

Deno.test("updateFile: an edit that fails leaves the file, and no lock", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/f`;
    await Deno.writeTextFile(path, "old\n");
    const reason = new UserError("no", { exit: 2 });
    await assert.rejects(
      updateFile(deps, path, () => {
        throw reason;
      }),
      reason,
    );
    assert.equal(await Deno.readTextFile(path), "old\n");
    assert.deepEqual(await files.list(folder), ["f"]);
  });
});

Deno.test("updateFile: keeps a symlink and replaces its target, over chains, linked folders and dangling ends", {
  ignore: windows,
}, async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/dot/aws`, { recursive: true });
    await Deno.symlink("dot/aws", `${folder}/.aws`);
    await Deno.writeTextFile(`${folder}/dot/creds`, "old\n", { mode: 0o600 });
    // Relative to dot/aws, where the link really is, not to the folder it was named by.
    await Deno.symlink("../creds", `${folder}/dot/aws/credentials`);
    await Deno.symlink("credentials", `${folder}/dot/aws/again`);
    const updated = await updateFile(deps, `${folder}/.aws/again`, append("new\n"));
    assert.deepEqual(updated, { path: `${folder}/dot/creds`, changed: true });
    assert.equal(await Deno.readTextFile(`${folder}/dot/creds`), "old\nnew\n");
    assert.ok((await Deno.lstat(`${folder}/dot/aws/credentials`)).isSymlink);

    await Deno.symlink("../later", `${folder}/dot/aws/dangling`);
    assert.equal((await updateFile(deps, `${folder}/.aws/dangling`, append("x\n"))).path, `${folder}/dot/later`);
    assert.equal(await Deno.readTextFile(`${folder}/.aws/dangling`), "x\n");
    assert.ok((await Deno.lstat(`${folder}/dot/aws/dangling`)).isSymlink);
  });
});

Deno.test(
  "resolveTarget: a file that is no link is meant itself, whatever its folder is",
  { ignore: windows },
  async () => {
    await inFolder(async (folder) => {
      await Deno.mkdir(`${folder}/real`);
      await Deno.symlink("real", `${folder}/linked`);
      await Deno.writeTextFile(`${folder}/real/f`, "");
      assert.equal(await resolveTarget(files, `${folder}/linked/f`), `${folder}/linked/f`);
      assert.equal(await resolveTarget(files, `${folder}/linked/absent`), `${folder}/linked/absent`);
    });
  },
);

Deno.test("updateFile: a loop of symlinks is refused", { ignore: windows }, async () => {
  await inFolder(async (folder) => {
    await Deno.symlink("b", `${folder}/a`);
    await Deno.symlink("a", `${folder}/b`);
    await refused(
      updateFile(deps, `${folder}/a`, append("x")),
      2,
      /^cannot write ".*\/a": too many levels of symbolic links.*the file is unchanged$/i,
    );
  });
});

Deno.test("updateFile: a folder, a device and a path through a file are refused", { ignore: windows }, async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/d`);
    await Deno.writeTextFile(`${folder}/f`, "");
    await refused(updateFile(deps, `${folder}/d`, append("x")), 2, /is a folder; the file is unchanged$/);
    await refused(updateFile(deps, `${folder}/f/x`, append("x")), 2, /not a directory/);
    await Deno.symlink("/dev/null", `${folder}/null`);
    await refused(updateFile(deps, `${folder}/null`, append("x")), 2, /not a regular file/);
    await Deno.mkdir(`${folder}/g${TEMP_SUFFIX}`);
    await Deno.writeTextFile(`${folder}/g${TEMP_SUFFIX}/x`, "");
    await refused(updateFile(deps, `${folder}/g`, append("x")), 2, /^cannot write/);
    assert.deepEqual(await files.list(folder), ["d", "f", `g${TEMP_SUFFIX}`, "null"]);
  });
});

Deno.test("updateFile: a temporary file left by a run that was killed is thrown away, not trusted", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/f`;
    await Deno.writeTextFile(path, "old\n");
    await Deno.writeTextFile(`${path}${TEMP_SUFFIX}`, "half of a secr", { mode: 0o644 });
    await Deno.writeTextFile(`${path}${LOCK_SUFFIX}`, "");
    await updateFile(deps, path, append("new\n"));
    assert.equal(await Deno.readTextFile(path), "old\nnew\n");
    assert.deepEqual(await files.list(folder), ["f"]);
  });
});

Deno.test(
  "updateFile: the temporary file is never open to others, even beside a file that is",
  { ignore: windows },
  async () => {
    await inFolder(async (folder) => {
      const modes: number[] = [];
      const watching: Files = {
        ...files,
        createNew: async (path, bytes, bits) => {
          const made = await files.createNew(path, bytes, bits);
          modes.push(await mode(path));
          return made;
        },
      };
      await Deno.writeTextFile(`${folder}/f`, "old\n");
      await Deno.chmod(`${folder}/f`, 0o666);
      await updateFile({ ...deps, files: watching }, `${folder}/f`, append("x\n"));
      assert.deepEqual(modes, [0o600]);
    });
  },
);

Deno.test("updateFile: what another program writes meanwhile is edited too, not lost", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/f`;
    await Deno.writeTextFile(path, "old\n");
    let rude = 2;
    const interrupted: Files = {
      ...files,
      createNew: async (name, bytes, bits) => {
        const made = await files.createNew(name, bytes, bits);
        if (rude-- > 0) await Deno.writeTextFile(path, `other ${rude}\n`, { append: true });
        return made;
      },
    };
    await updateFile({ ...deps, files: interrupted }, path, append("new\n"));
    assert.equal(await Deno.readTextFile(path), "old\nother 1\nother 0\nnew\n");
  });
});

Deno.test("updateFile: gives up on a file that never stops changing, and leaves it to the other program", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/f`;
    let n = 0;
    const interrupted: Files = {
      ...files,
      createNew: async (name, bytes, bits) => {
        const made = await files.createNew(name, bytes, bits);
        await Deno.writeTextFile(path, `other ${n++}\n`);
        return made;
      },
    };
    await refused(
      updateFile({ ...deps, files: interrupted }, path, append("new\n")),
      9,
      /another program keeps changing it/,
    );
    assert.equal(await Deno.readTextFile(path), `other ${n - 1}\n`);
    assert.deepEqual(await files.list(folder), ["f"]);
  });
});

Deno.test("updateFile: does not take the moment in which another program has emptied the file for its content", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/f`;
    await Deno.writeTextFile(path, "");
    const writing = new Promise<void>((resolve) =>
      setTimeout(() => {
        Deno.writeTextFileSync(path, "theirs\n");
        resolve();
      }, 40)
    );
    await updateFile(deps, path, append("ours\n"));
    await writing;
    assert.equal(await Deno.readTextFile(path), "theirs\nours\n");
  });
});

Deno.test("updateFile: every failure is one sentence with a hint, and leaves the file and no temporary file", {
  ignore: windows,
}, async () => {
  const kinds = ["full", "denied", "read-only", "blocked", "busy", "other"] as const;
  const steps = ["createNew", "user", "rename"] as const;
  for (const kind of kinds) {
    for (const step of steps) {
      await inFolder(async (folder) => {
        const path = `${folder}/f`;
        await Deno.writeTextFile(path, "old\n");
        await Deno.chmod(path, 0o640);
        const failing: Files = {
          ...files,
          [step]: () => Promise.reject(new FileError(kind, path, "Some error (os error 99)")),
        };
        await refused(
          updateFile({ clock: quick(), files: failing }, path, append("x")),
          2,
          /^cannot write ".*\/f": .*; the file is unchanged$/,
        );
        assert.equal(await Deno.readTextFile(path), "old\n");
        assert.deepEqual(await files.list(folder), ["f"]);
      });
    }
  }
});

Deno.test("updateFile: the folder that cannot be written is named in the hint, that of a link's target too", {
  ignore: windows,
}, async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/dot`);
    await Deno.writeTextFile(`${folder}/dot/creds`, "old\n");
    await Deno.symlink("dot/creds", `${folder}/credentials`);
    const denied = (path: string) => Promise.reject(new FileError("denied", path, "Permission denied (os error 13)"));
    const hint = async (failing: Partial<Files>) => {
      try {
        await updateFile({ clock: quick(), files: { ...files, ...failing } }, `${folder}/credentials`, append("x\n"));
      } catch (error) {
        assert.ok(error instanceof UserError);
        return error.hints.join();
      }
      throw new Error("nothing failed");
    };
    const theFolder = `check its permissions: ls -ld "${folder}/dot"`;
    assert.equal(await hint({ createNew: denied }), theFolder);
    assert.equal(await hint({ lock: denied }), theFolder);
    assert.equal(await hint({ read: denied }), `check its permissions: ls -ld "${folder}/dot/creds"`);
  });
});

Deno.test("updateFile: a disk that fills up leaves the old file whole", async () => {
  await inFolder(async (folder) => {
    const small = `${folder}/small`;
    await Deno.mkdir(small);
    const mount = new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", "size=32k", "tmpfs", small],
      stderr: "null",
    });
    if (!(await Promise.resolve().then(() => mount.output()).catch(() => undefined))?.success) {
      return console.log("      skipped: this user may not mount");
    }
    try {
      await Deno.writeTextFile(`${small}/f`, "old\n");
      await refused(updateFile(deps, `${small}/f`, () => new Uint8Array(40_000)), 2, /disk or a quota is full/);
      assert.equal(await Deno.readTextFile(`${small}/f`), "old\n");
      assert.deepEqual(await files.list(small), ["f"]);
    } finally {
      await new Deno.Command("umount", { args: [small] }).output();
    }
  });
});

Deno.test("updateFiles: nothing is written while one of them cannot be, and the error reports what has already been written", async () => {
  await inFolder(async (folder) => {
    const [a, b] = [`${folder}/a`, `${folder}/b`];
    for (const path of [a, b]) await Deno.writeTextFile(path, "old\n");
    const texts = () => Promise.all([a, b].map((path) => Deno.readTextFile(path)));
    const both = (one: ReturnType<typeof append>) => [
      { path: a, edit: append("new\n") },
      { path: b, edit: one },
    ];
    const fails = () => {
      throw new UserError("cannot edit b", { exit: 2, hint: "correct it" });
    };
    await refused(updateFiles(deps, both(fails)), 2, /^cannot edit b$/);
    assert.deepEqual(await texts(), ["old\n", "old\n"]);
    const full: Files = {
      ...files,
      createNew: (path, bytes, mode) =>
        path.startsWith(b) ? Promise.reject(new FileError("full", path, "full")) : files.createNew(path, bytes, mode),
    };
    await refused(updateFiles({ ...deps, files: full }, both(append("x"))), 2, /quota is full/);
    assert.deepEqual(await texts(), ["old\n", "old\n"]);
    const late: Files = {
      ...files,
      rename: (from, to) => to === b ? Promise.reject(new FileError("read-only", to, "ro")) : files.rename(from, to),
    };
    await refused(
      updateFiles({ ...deps, files: late }, both(append("x"))),
      2,
      /cannot write ".*\/b": .*; the file is unchanged; ".*\/a" has already been written$/,
    );
    assert.deepEqual(await texts(), ["old\nnew\n", "old\n"]);
    await updateFiles(deps, both(append("x\n")));
    assert.deepEqual(await texts(), ["old\nnew\nnew\n", "old\nx\n"]);
    await refused(updateFiles(deps, [{ path: a, edit: fails }, { path: a, edit: fails }]), 2, /at once/);
    assert.deepEqual(await files.list(folder), ["a", "b"]);
  });
});

Deno.test("updateFile: a rehearsal does all but the last step and leaves nothing, no folder either", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/new/deep/f`;
    const { changed } = await updateFile(deps, path, append("x\n"), { rehearse: true });
    assert.equal(changed, true);
    assert.deepEqual(await files.list(folder), []);
    await Deno.writeTextFile(`${folder}/f`, "old\n");
    await updateFile(deps, `${folder}/f`, append("x\n"), { rehearse: true });
    assert.equal(await Deno.readTextFile(`${folder}/f`), "old\n");
    assert.deepEqual(await files.list(folder), ["f"]);
    const full = { ...files, createNew: () => Promise.reject(new FileError("full", path, "full")) };
    await refused(updateFile({ ...deps, files: full }, path, append("x"), { rehearse: true }), 2, /quota is full/);
    assert.deepEqual(await files.list(folder), ["f"]);
  });
});

Deno.test("updateFile: a file that is a mount of its own is written in place, and gets its old bytes back on failure", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/f`;
    await Deno.writeTextFile(path, "a long old text\n");
    const mounted: Files = {
      ...files,
      rename: (_, to) => Promise.reject(new FileError("busy", to, "Device or resource busy")),
      isMounted: () => Promise.resolve(true),
    };
    const place = { files: mounted, clock: quick() };
    const { ino } = await Deno.stat(path);
    await updateFile(place, path, () => encode("short\n"));
    assert.equal(await Deno.readTextFile(path), "short\n");
    assert.equal((await Deno.stat(path)).ino, ino);
    let writes = 0;
    const breaks: Files = {
      ...mounted,
      async overwrite(target, bytes) {
        await files.overwrite(target, writes === 0 ? encode("ha") : bytes);
        if (writes++ === 0) throw new FileError("full", target, "full");
      },
    };
    await refused(
      updateFile({ files: breaks, clock: quick() }, path, append("more\n")),
      2,
      /quota is full.*unchanged$/,
    );
    assert.equal(await Deno.readTextFile(path), "short\n");
    assert.deepEqual(await files.list(folder), ["f"]);
    const dead: Files = {
      ...mounted,
      async overwrite(target) {
        await files.overwrite(target, encode("ha"));
        throw new FileError("other", target, "Input/output error");
      },
    };
    await refused(
      updateFile({ files: dead, clock: quick() }, path, append("more\n")),
      2,
      /its old content could not be restored: it is in ".*f\.onelogin-tmp"$/,
    );
    assert.equal(await Deno.readTextFile(`${path}${TEMP_SUFFIX}`), "short\n");
  });
});

Deno.test("updateFile: a file that Windows keeps open for a moment is tried again", async () => {
  await inFolder(async (folder) => {
    let busy = 3;
    const slept: number[] = [];
    const clock = quick(slept);
    const held: Files = {
      ...files,
      rename: (from, to) => busy-- > 0 ? Promise.reject(new FileError("busy", to, "in use")) : files.rename(from, to),
    };
    await updateFile({ files: held, clock }, `${folder}/f`, append("x\n"));
    assert.equal(await Deno.readTextFile(`${folder}/f`), "x\n");
    assert.equal(slept.filter((ms) => ms === 50).length, 3);
  });
});

/** Files whose lock is never free, and a clock whose seconds are instant. */
function neverFree() {
  const locks: string[] = [];
  const taken: Files = {
    ...files,
    lock: (path, signal) =>
      new Promise((_, reject) => {
        locks.push(path);
        signal?.addEventListener("abort", () => reject(signal.reason));
      }),
  };
  let slept = 0;
  const clock = {
    now: Date.now,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        slept += ms;
        setTimeout(resolve, 0);
      }),
  };
  return { files: taken, clock, locks, slept: () => slept };
}

Deno.test("updateFile: reports after one second that it waits, and gives up after 15 with exit 9, naming the lock", async () => {
  await inFolder(async (folder) => {
    const never = neverFree();
    const path = `${folder}/f`;
    const said: (string | number)[] = [];
    const onWait = (lock: string) => void said.push(lock, never.slept());
    await refused(updateFile(never, path, append("x"), { onWait }), 9, /^cannot get the lock ".*\/f\.onelogin-lock"/);
    assert.deepEqual(said, [`${path}${LOCK_SUFFIX}`, 1000]);
    assert.equal(never.slept(), 15_000);
    assert.deepEqual(never.locks, [`${path}${LOCK_SUFFIX}`]);
  });
});

Deno.test("updateFile: an interrupted wait ends with the signal's reason", async () => {
  await inFolder(async (folder) => {
    const stop = new AbortController();
    const reason = new Error("interrupted");
    const held = await files.lock(`${folder}/f${LOCK_SUFFIX}`);
    const waiting = updateFile({ ...deps, signal: stop.signal }, `${folder}/f`, append("x"));
    setTimeout(() => stop.abort(reason), 20);
    await assert.rejects(waiting, reason);
    await held.release();
    await assert.rejects(updateFile({ ...deps, signal: stop.signal }, `${folder}/f`, append("x")), reason);
    assert.deepEqual((await files.list(folder)).filter((name) => name === "f"), []);
  });
});

// The launcher grants an explicitly named file, its lock and its temporary file, and not their folder.
const granted = await Deno.makeTempDir();
const grants = [`${granted}/f`, `${granted}/link`, `${granted}/real`, `${granted}/later`]
  .flatMap((path) => [path, `${path}${LOCK_SUFFIX}`, `${path}${TEMP_SUFFIX}`]);
await Deno.writeTextFile(`${granted}/real`, "old\n");
await Deno.symlink("real", `${granted}/link`, { type: "file" });
await Deno.symlink("later", `${granted}/f`, { type: "file" });

Deno.test(
  "updateFile: needs no more than the file, its lock and its temporary file, and the target's for a symlink",
  { ignore: windows, permissions: { read: grants, write: grants } },
  async () => {
    assert.equal((await updateFile(deps, `${granted}/link`, append("new\n"))).changed, true);
    assert.equal(await Deno.readTextFile(`${granted}/real`), "old\nnew\n");
    assert.equal((await updateFile(deps, `${granted}/f`, append("new\n"))).path, `${granted}/later`);
    await refused(updateFile(deps, `${granted}/other`, append("x")), 2, /sandbox/);
  },
);

Deno.test("updateFile: the folder of the test above goes", () => Deno.remove(granted, { recursive: true }));

Deno.test("updateFile: many at once lose nothing", async () => {
  await inFolder(async (folder) => {
    const names = Array.from({ length: 40 }, (_, i) => `line ${i}`);
    await Promise.all(names.map((name) => updateFile(deps, `${folder}/f`, append(`${name}\n`))));
    const lines = (await Deno.readTextFile(`${folder}/f`)).trimEnd().split("\n");
    assert.deepEqual(lines.sort(), names.sort());
    assert.deepEqual(await files.list(folder), ["f"]);
  });
});

// ---- Other users of the machine. `as` is the owner of the thing in the way; the program runs as user 1000. ---------

interface Whose {
  readonly owner: number;
  readonly mode?: number;
  readonly group?: number;
  readonly sticky?: boolean;
}

/** The real files, with other owners than those they have. */
function ownedBy(whose: Readonly<Record<string, Whose>>, me = 1000): Files {
  const dressed = async (path: string, look: Files["stat"]) => {
    const facts = await look(path);
    return facts && { ...facts, owner: me, group: me, ...whose[path] };
  };
  return {
    ...files,
    user: () => Promise.resolve(me),
    createNew: async (...input) => ({ ...await files.createNew(...input), owner: me }),
    stat: (path) => dressed(path, files.stat),
    lstat: (path) => dressed(path, files.lstat),
  };
}

Deno.test("updateFile: refuses a file, folder or symlink of another user, and so does checkWritable (attacker: they)", {
  ignore: windows,
}, async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/dot`);
    await Deno.writeTextFile(`${folder}/dot/creds`, "old\n");
    await Deno.symlink("dot/creds", `${folder}/link`);
    const cases: readonly (readonly [Readonly<Record<string, Whose>>, RegExp, number?])[] = [
      [
        { [`${folder}/dot/creds`]: { owner: 2000 } },
        /the file ".*\/dot\/creds" belongs to another user \(user id 2000\)/,
      ],
      [{ [`${folder}/dot`]: { owner: 2000 } }, /the folder ".*\/dot" belongs to another user \(user id 2000\)/],
      [{ [`${folder}/link`]: { owner: 2000 } }, /the symlink ".*\/link" belongs to another user \(user id 2000\)/],
      [{ [`${folder}/dot`]: { owner: 1000, mode: 0o777 } }, /other users can change what is in ".*\/dot"/],
      [{ [`${folder}/dot`]: { owner: 1000, mode: 0o775, group: 50 } }, /other users can change what is in/],
      [{ [folder]: { owner: 1000, mode: 0o777 } }, /other users can change what is in/],
      // Root follows a person's link within what is theirs, not to a place of its own.
      [{ [`${folder}/link`]: { owner: 2000 }, [`${folder}/dot`]: { owner: 0 } }, /the symlink/, 0],
    ];
    for (const [whose, pattern, me] of cases) {
      const dressed = ownedBy(whose, me);
      await refused(updateFile({ ...deps, files: dressed }, `${folder}/link`, append("keys\n")), 2, pattern);
      await refused(checkWritable(dressed, `${folder}/link`), 2, pattern);
      assert.equal(await Deno.readTextFile(`${folder}/dot/creds`), "old\n");
      assert.deepEqual(await files.list(`${folder}/dot`), ["creds"]);
    }
    const fine: readonly (readonly [Readonly<Record<string, Whose>>, number?])[] = [
      [{}],
      [{ [`${folder}/dot`]: { owner: 0, mode: 0o777, sticky: true } }],
      // The group of a user who has one to themselves.
      [{ [`${folder}/dot`]: { owner: 1000, mode: 0o775, group: 1000 } }],
      [{ [`${folder}/link`]: { owner: 0 }, [`${folder}/dot/creds`]: { owner: 0 } }],
      [{ [`${folder}/link`]: { owner: 7 }, [`${folder}/dot`]: { owner: 7 }, [`${folder}/dot/creds`]: { owner: 7 } }, 0],
    ];
    for (const [whose, me] of fine) {
      const dressed = ownedBy(whose, me);
      await checkWritable(dressed, `${folder}/link`);
      // A file that is dressed up stays it, and is taken for one that somebody else put there.
      if (whose[`${folder}/dot/creds`] !== undefined) continue;
      await updateFile({ ...deps, files: dressed }, `${folder}/link`, append("more\n"));
    }
  });
});

Deno.test("updateFile: what another user puts in the temporary file's place is not followed, nor taken for ours", {
  ignore: windows,
}, async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/f`;
    await Deno.writeTextFile(path, "old\n");
    await Deno.writeTextFile(`${folder}/theirs`, "private\n", { mode: 0o600 });
    const swapping: Files = {
      ...files,
      createNew: async (name, bytes, bits) => {
        const made = await files.createNew(name, bytes, bits);
        await Deno.remove(name);
        await Deno.symlink(`${folder}/theirs`, name);
        return made;
      },
    };
    await Deno.chmod(path, 0o666);
    await refused(
      updateFile({ ...deps, files: swapping }, path, append("keys\n")),
      9,
      /another user or program replaced it/,
    );
    assert.equal(await mode(`${folder}/theirs`), 0o600);
    assert.equal(await Deno.readTextFile(`${folder}/theirs`), "private\n");
    assert.equal(await Deno.readTextFile(path), "old\n");
    assert.deepEqual(await files.list(folder), ["f", "theirs"]);
  });
});

Deno.test("checkWritable: a file above the limit is refused without reading it", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/f`, "");
    await Deno.truncate(`${folder}/f`, 40_000_000);
    const pattern = /: it is larger than 32 MiB; the file is unchanged$/;
    await refused(checkWritable(files, `${folder}/f`), 2, pattern);
    await refused(updateFile(deps, `${folder}/f`, append("x")), 2, pattern);
  });
});

Deno.test("updateFile: the lock of another user is named, with how to remove it", { ignore: windows }, async () => {
  await inFolder(async (folder) => {
    const lock = `${folder}/f${LOCK_SUFFIX}`;
    const failing: Files = {
      ...files,
      lock: () => Promise.reject(new FileError("foreign", lock, "the lock belongs to another user", `rm "${lock}"`)),
    };
    await assert.rejects(updateFile({ ...deps, files: failing }, `${folder}/f`, append("x")), (error) => {
      assert.ok(error instanceof UserError && error.exit === 2);
      assert.deepEqual(error.hints, [`rm "${lock}"`]);
      return true;
    });
  });
});
