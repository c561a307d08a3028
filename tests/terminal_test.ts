/** What only a real terminal shows: echo, keys, menus, colours, Ctrl-C, and the state the terminal is left in. */
import assert from "node:assert/strict";
import { ADA, AUTHENTICATOR, manyRoles, PROTECT } from "../simulator/demo_world.ts";
import { defaultFiles, withSimulator } from "./harness.ts";
import { noPty, openPty, type Pty, type PtyEnd } from "./pty.ts";
import { ada, ADMIN, PASSWORD, rolesAsked, routes, together } from "./runs.ts";
import { drawn } from "./screen.ts";

const ignore = await noPty();
const RESTORED = { echo: true, canonical: true };

/** Asserts that the program left the terminal as it found it: modes and cursor. */
async function restored(pty: Pty): Promise<void> {
  assert.deepEqual(await pty.terminalRestored, RESTORED);
  assert.ok(pty.raw().lastIndexOf("\x1b[?25l") <= pty.raw().lastIndexOf("\x1b[?25h"), "the cursor is shown");
}

/** Asserts an end by a signal or a key: its code, the terminal as it was, no credentials anywhere, no complaint. */
async function ended(pty: Pty, end: PtyEnd, code: number): Promise<void> {
  assert.equal(end.code, code, pty.screen());
  await restored(pty);
  assert.deepEqual([end.stdout, end.exists(".aws")], ["", false]);
  assert.doesNotMatch(pty.screen(), /error:|warning:/);
}

/** Waits until the terminal echoes, or does not: a question is seen a moment before. */
async function echoes(pty: Pty, expected: boolean): Promise<void> {
  const deadline = Date.now() + 1000;
  while ((await pty.modes()).echo !== expected) assert.ok(Date.now() < deadline, `echo should be ${expected}`);
}

async function typePassword(pty: Pty, password: string = ADA.password): Promise<void> {
  await pty.expect("OneLogin password");
  await pty.send(password);
  await pty.sendKey("enter");
}

// --- A login --------------------------------------------------------------------------------------------------------

/** A code is used once, and shown while it is typed. */
const TYPED_CODE = { stderr: ["code"] } as const;

Deno.test(
  "terminal: the password is masked, an approved push ends its question, search finds the role, stdout is a pipe",
  { ignore },
  async () => {
    await withSimulator({}, async (simulator) => {
      await using pty = await openPty({ args: [], files: defaultFiles, simulator, stdout: "pipe" });
      await pty.expect("OneLogin password");
      assert.deepEqual(await pty.modes(), { echo: false, canonical: false });
      await pty.send(ADA.password);
      await pty.sendKey("enter");
      await pty.expect("Second factor");
      await pty.sendKey("enter");
      await pty.expect("or type its code");
      await pty.expect("AWS role");
      await pty.send("987 read");
      await pty.expect("1 match");
      await pty.sendKey("enter");
      const end = await pty.wait();
      assert.equal(end.code, 0, pty.screen());
      await restored(pty);
      assert.match(end.stdout, /^(export \w+=\S+\n){6}$/);
      assert.equal(pty.raw().split("\u0007").length - 1, 1, "the bell rings once, when the push is sent");
      assert.doesNotMatch(pty.screen(), /export/);
      assert.deepEqual(rolesAsked(simulator), ["arn:aws:iam::987654321098:role/ReadOnly"]);
      assert.deepEqual(
        (await drawn(pty.raw(), 200)).map((line) => line.replace(/^20\d\d-[-+: \d]+$/, "…")),
        [
          "│",
          "◇  OneLogin password of ada@example.com",
          `│  ${"▪".repeat(ADA.password.length)}`,
          "│",
          "◇  Second factor",
          "│  OneLogin Protect",
          "Approved in OneLogin Protect.",
          "│",
          "◇  AWS role",
          "│  ReadOnly · 987654321098",
          "Success! Assumed role user: arn:aws:sts::987654321098:assumed-role/ReadOnly/ada@example.com, until",
          "…",
        ],
      );
    });
  },
);

Deno.test("terminal: a typed code ends the wait for a push, after a wrong one too", { ignore }, async () => {
  await withSimulator({ ...ada([PROTECT]), push: "never" }, async (simulator) => {
    await using pty = await openPty({ allow: TYPED_CODE, args: ADMIN, files: defaultFiles, env: PASSWORD, simulator });
    await pty.expect("or type its code");
    await pty.send("000000");
    await pty.sendKey("enter");
    await pty.expect("not accepted");
    await pty.expect("or type its code");
    await pty.send(PROTECT.code ?? "");
    await pty.sendKey("enter");
    const end = await pty.wait();
    assert.equal(end.code, 0, pty.screen());
    await restored(pty);
    assert.equal(simulator.notifications, 1);
  });
});

Deno.test("terminal: the role used last is on top, Page Down and End move through the menu", { ignore }, async () => {
  const scenario = { ...ada(), roles: manyRoles(60) };
  await withSimulator(scenario, async (simulator) => {
    await using first = await openPty({ args: [], files: defaultFiles, env: PASSWORD, simulator });
    await first.expect("AWS role");
    await first.expect("Search: 60 choices");
    await first.send("\u001b[F");
    await first.expect(/● Role060/);
    await first.send("\u001b[5~");
    await first.expect(/● Role04/);
    await first.send("\u001b[H");
    await first.expect(/● Role001/);
    await first.send("\u001b[6~");
    await first.expect(/● Role01/);
    await first.send("rl60");
    await first.expect("(7 matches of 60)");
    await first.expect(/● Role060/);
    await first.sendKey("enter");
    const { code, home } = await first.wait();
    assert.equal(code, 0, first.screen());
    await using second = await openPty({ args: [], home, env: PASSWORD, simulator });
    await second.expect(/● Role060/);
    await second.sendKey("enter");
    assert.equal((await second.wait()).code, 0, second.screen());
    assert.deepEqual(rolesAsked(simulator).map(String).map((arn) => arn.slice(-7)), ["Role060", "Role060"]);
  });
});

Deno.test(
  "terminal: the devices are searched and paged like roles, the push counts down and rings once, at 40 columns",
  { ignore },
  async () => {
    const more = Array.from({ length: 30 }, (_, index) => ({ ...AUTHENTICATOR, id: `9${index + 100}` }));
    await withSimulator({ ...ada([...more, PROTECT]), push: { approveAfterPolls: 3 } }, async (simulator) => {
      const start = { args: ADMIN, files: defaultFiles, env: PASSWORD, simulator };
      await using pty = await openPty({ ...start, columns: 40 });
      await pty.expect("Search: 31 choices");
      await pty.send("\u001b[F");
      await pty.expect(/● OneLogin Protect/);
      await pty.send("\u001b[H");
      await pty.expect(/● Google/);
      await pty.send("protect");
      await pty.expect("(1 match of 31)");
      await pty.sendKey("enter");
      await pty.expect(/within\s+\d+/);
      const seconds = () => new Set(Array.from(pty.screen().matchAll(/(\d+)\s+seconds,/g), ([, each]) => each));
      await pty.expect("Success!");
      const end = await pty.wait();
      assert.equal(end.code, 0, pty.screen());
      await restored(pty);
      assert.ok(seconds().size >= 3, pty.screen());
      assert.equal(pty.raw().split("\u0007").length - 1, 1);
      assert.ok(!(await drawn(pty.raw(), 40)).some((line) => /seconds|type its/.test(line)));
      await using quiet = await openPty({ ...start, args: [...ADMIN, "--quiet", "--mfa-device", "OneLogin Protect"] });
      assert.equal((await quiet.wait()).code, 0, quiet.screen());
      assert.ok(!quiet.raw().includes("\u0007"));
    });
  },
);

Deno.test(
  "terminal: with ACCESSIBLE=1 questions are plain lines, numbers choose, a wrong one is named",
  { ignore },
  async () => {
    await withSimulator({ ...ada([AUTHENTICATOR]), roles: manyRoles(4) }, async (simulator) => {
      const env = { ...PASSWORD, ACCESSIBLE: "1" };
      await using pty = await openPty({ allow: TYPED_CODE, args: [], files: defaultFiles, env, simulator });
      await pty.expect(/Enter the OTP Token|Token|Code/i);
      await pty.send(`${AUTHENTICATOR.code}\r`);
      await pty.expect("Select the desired AWS Role [0-3]");
      await pty.send("9\r");
      await pty.expect("Please enter a number from 0 to 3");
      await pty.send("2\r");
      await pty.expect("Success!");
      assert.equal((await pty.wait()).code, 0, pty.screen());
      // What comes before is the runtime's, which loads the sources.
      assert.ok(!pty.raw().slice(pty.raw().indexOf("Signing in")).includes("\u001b"));
    });
  },
);

Deno.test("terminal: a role is found among 600", { ignore }, async () => {
  const scenario = { ...ada(), roles: manyRoles(600), maxAssertionLength: 1_000_000 };
  await withSimulator(scenario, async (simulator) => {
    await using pty = await openPty({ args: [], files: defaultFiles, env: PASSWORD, simulator });
    await pty.expect("AWS role");
    for (const letter of "role599") await pty.send(letter);
    await pty.expect("(1 match of 600)");
    await pty.sendKey("enter");
    assert.equal((await pty.wait()).code, 0, pty.screen());
    assert.match(String(rolesAsked(simulator)), /role\/Role599$/);
  });
});

Deno.test(
  "terminal: a wrong subdomain and app are named with their file, and what was typed instead is saved if told",
  { ignore },
  async () => {
    const path = ".onelogin/onelogin.aws.json";
    const text = (subdomain: string, app: string) =>
      `{ "app_id": "1", "subdomain": "${subdomain}", "username": "ada@example.com",\n` +
      `  "profiles": { "a.b": { "app_id": "${app}" } }, "precedence": "profile" }\n`;
    const files = { ...defaultFiles, [path]: text("wrong", "999999") };
    await withSimulator({ ...ada(), apps: [{ id: "123456" }] }, async (simulator) => {
      const args = [...ADMIN, "-p", "a.b", "--aws-region", "us-east-1"];
      const start = { args, files, env: PASSWORD, simulator };
      await using pty = await openPty({ ...start, rows: 40 });
      await pty.expect(/does not know the subdomain "wrong"[^]*\(it is\s+"subdomain"\s+in\s+"[^"]+aws.json"\)/);
      await pty.expect("◆  OneLogin subdomain");
      await pty.send("acme\r");
      await pty.expect(/does not know the app "999999"[^]*\(it is\s+"profiles.a.b.app_id"\s+in\s+"[^"]+"\)/);
      await pty.expect("◆  Id of the AWS app");
      await pty.send("123456\r");
      await pty.expect(/Save the subdomain "acme" as\W+"subdomain"/);
      await pty.send("y");
      await pty.expect(/Save the app id "123456" as\W+"profiles/);
      await pty.send("y");
      const { code, file } = await pty.wait();
      assert.equal(code, 0, pty.screen());
      assert.equal(file(path), text("acme", "123456"));
      await using declined = await openPty({ ...start, args: [...args, "--force"], rows: 40 });
      await declined.expect("◆  OneLogin subdomain");
      await declined.send("acme\r");
      await declined.expect("◆  Id of the AWS app");
      await declined.send("123456\r");
      for (const what of ["subdomain", "app id"]) {
        await declined.expect(`Save the ${what}`);
        await declined.sendKey("enter");
      }
      const end = await declined.wait();
      assert.deepEqual([end.code, end.file(path)], [0, files[path]], declined.screen());
    });
  },
);

// --- Endings --------------------------------------------------------------------------------------------------------

Deno.test("terminal: Ctrl-C at a question, a menu, a push and a stalled request ends with 130 and nothing written", {
  ignore,
}, async () => {
  await together([
    () =>
      withSimulator({}, async (simulator) => {
        await using pty = await openPty({ args: ["-p", "dev"], files: defaultFiles, simulator });
        await pty.expect("OneLogin password");
        await pty.send("half a pass");
        await pty.sendKey("ctrl-c");
        await ended(pty, await pty.wait(), 130);
        assert.ok(routes(simulator).every((route) => route === "token"));
      }),
    () =>
      withSimulator(ada(), async (simulator) => {
        await using pty = await openPty({ args: ["-p", "dev"], files: defaultFiles, env: PASSWORD, simulator });
        await pty.expect("AWS role");
        await pty.sendKey("down");
        await pty.sendKey("ctrl-c");
        await ended(pty, await pty.wait(), 130);
      }),
    () =>
      withSimulator({ ...ada([PROTECT]), push: "never" }, async (simulator) => {
        await using pty = await openPty({ args: ["-p", "dev"], files: defaultFiles, env: PASSWORD, simulator });
        await pty.expect("or type its code");
        await simulator.waitFor("verify-factor", 2);
        await pty.sendKey("ctrl-c");
        await ended(pty, await pty.wait(), 130);
      }),
    () =>
      withSimulator({ ...ada(), trouble: { assertion: { kind: "stall" } } }, async (simulator) => {
        await using pty = await openPty({ args: ["-p", "dev"], files: defaultFiles, env: PASSWORD, simulator });
        await simulator.waitFor("assertion");
        await pty.expect("Signing in");
        await pty.sendKey("ctrl-c");
        // Whoever notices it after the time-out only ends with 7.
        await ended(pty, await pty.wait(), 130);
      }),
  ], 2);
});

Deno.test("terminal: SIGTERM ends with 143, SIGHUP with 129, and the terminal is as it was", { ignore }, async () => {
  const cases = [["SIGTERM", 143], ["SIGHUP", 129], ["SIGINT", 130]] as const;
  await together(cases.map(([signal, code]) => () =>
    withSimulator({}, async (simulator) => {
      await using pty = await openPty({ args: ["-p", "dev"], files: defaultFiles, simulator });
      await pty.expect("OneLogin password");
      await pty.signal(signal);
      await ended(pty, await pty.wait(), code);
    })
  ));
});

Deno.test(
  "terminal: Ctrl-D is the end of the input, and what is typed after it does not show",
  { ignore },
  async () => {
    await together(["", "-x"].map((option) => () =>
      withSimulator(ada(), async (simulator) => {
        const args = option === "" ? ["-p", "dev"] : [...ADMIN, "-x", "-p", "dev"];
        const env = option === "" ? {} : PASSWORD;
        await using pty = await openPty({ args, env, files: defaultFiles, simulator });
        await pty.expect(option === "" ? "OneLogin password" : "What next?");
        await pty.sendKey("ctrl-d");
        const end = await pty.wait();
        await restored(pty);
        // At the end of an interactive run there is nothing left to do.
        assert.equal(end.code, option === "" ? 8 : 0, pty.screen());
        if (option === "") assert.match(pty.screen(), /error: cannot [^]*hint: /);
      })
    ));
  },
);

Deno.test("terminal: Escape at a question ends the run like Ctrl-C", { ignore }, async () => {
  await withSimulator(ada(), async (simulator) => {
    await using pty = await openPty({ args: ["-p", "dev"], files: defaultFiles, simulator });
    await pty.expect("OneLogin password");
    await pty.sendKey("escape");
    await ended(pty, await pty.wait(), 130);
  });
});

Deno.test("terminal: Ctrl-Z, a stop and a continue leave a question that still works", { ignore }, async () => {
  await withSimulator(ada(), async (simulator) => {
    await using pty = await openPty({ args: ADMIN, files: defaultFiles, simulator });
    await pty.expect("OneLogin password");
    await pty.sendKey("ctrl-z");
    // Keys are taken in their order: what is drawn for the next one shows that Ctrl-Z was seen.
    await pty.send("x");
    await pty.expect("▪");
    assert.equal((await pty.modes()).echo, false, "the key Ctrl-Z does not bring the echo back");
    // SIGTSTP would be lost: nobody who could continue it waits for this process.
    await pty.signal("SIGSTOP");
    await stopped(pty.pid);
    await pty.signal("SIGCONT");
    await pty.sendKey("backspace");
    await pty.send(ADA.password);
    await pty.sendKey("enter");
    assert.equal((await pty.wait()).code, 0, pty.screen());
    await restored(pty);
  });
});

// --- Kinds of terminals ---------------------------------------------------------------------------------------------

// deno-lint-ignore no-control-regex
const COLOUR = /\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m/;

Deno.test("terminal: colours are used, and not with NO_COLOR or --no-color", { ignore }, async () => {
  const cases = [
    { args: [], env: {}, colours: true },
    { args: [], env: { NO_COLOR: "1" }, colours: false },
    { args: ["--no-color"], env: {}, colours: false },
  ];
  await together(cases.map(({ args, env, colours }) => () =>
    withSimulator(ada(), async (simulator) => {
      await using pty = await openPty({ args, files: defaultFiles, env: { ...PASSWORD, ...env }, simulator });
      await pty.expect("AWS role");
      await pty.sendKey("enter");
      assert.equal((await pty.wait()).code, 0, pty.screen());
      assert.equal(COLOUR.test(pty.raw()), colours, JSON.stringify({ args, env }));
    })
  ));
});

Deno.test(
  "terminal: TERM=dumb asks line by line, without escapes and without an echo of the password",
  { ignore },
  async () => {
    await withSimulator(ada([AUTHENTICATOR]), async (simulator) => {
      await using pty = await openPty({
        allow: TYPED_CODE,
        args: [],
        files: defaultFiles,
        env: { TERM: "dumb" },
        simulator,
      });
      await pty.expect("OneLogin Password: ");
      await echoes(pty, false);
      await pty.send(ADA.password);
      await pty.sendKey("enter");
      await pty.expect("Enter the OTP Token for Google Authenticator: ");
      await echoes(pty, true);
      await pty.send(AUTHENTICATOR.code ?? "");
      await pty.sendKey("enter");
      await pty.expect("Select the desired AWS Role [0-4]: ");
      await echoes(pty, true);
      await pty.send("4\r");
      assert.equal((await pty.wait()).code, 0, pty.screen());
      await restored(pty);
      assert.ok(!pty.raw().slice(pty.raw().indexOf("OneLogin Password")).includes("\x1b"), JSON.stringify(pty.raw()));
      assert.deepEqual(rolesAsked(simulator), ["arn:aws:iam::987654321098:role/ReadOnly"]);
    });
  },
);

Deno.test("terminal: 20 columns and a change of size in the middle leave a readable screen", { ignore }, async () => {
  await withSimulator({ ...ada([PROTECT]), push: { approveAfterPolls: 1 } }, async (simulator) => {
    await using pty = await openPty({ args: [], files: defaultFiles, env: PASSWORD, simulator, columns: 20 });
    await pty.expect("AWS role");
    await pty.send("audit");
    await pty.expect(/audit.*\(1\s*match/);
    await pty.sendKey("enter");
    const end = await pty.wait();
    assert.equal(end.code, 0, pty.screen());
    await restored(pty);
    const screen = await drawn(pty.raw(), 20);
    assert.ok(!screen.some((line) => /Approve the|type its|Search|match/.test(line)), screen.join("\n"));
    assert.equal(screen.filter((line) => line.includes("AWS role")).length, 1, screen.join("\n"));
  });
  await withSimulator(ada(), async (simulator) => {
    await using pty = await openPty({ args: [], files: defaultFiles, env: PASSWORD, simulator });
    await pty.expect("AWS role");
    for (const columns of [40, 20, 200]) {
      await pty.resize(columns, 12);
      await pty.sendKey("down");
    }
    await pty.send("audit");
    await pty.expect("1 match");
    await pty.sendKey("enter");
    assert.equal((await pty.wait()).code, 0, pty.screen());
    await restored(pty);
    assert.deepEqual(rolesAsked(simulator), ["arn:aws:iam::210987654321:role/Auditor"]);
  });
});

Deno.test("terminal: a password may hold any letters", { ignore }, async () => {
  const password = "pässwörd 密码 🔑 'x'";
  await withSimulator(ada([], { password }), async (simulator) => {
    await using pty = await openPty({ args: ADMIN, files: defaultFiles, simulator });
    await typePassword(pty, password);
    assert.equal((await pty.wait()).code, 0, pty.screen());
    assert.equal(simulator.passwordPosts, 1);
  });
});

/** "bär" in Latin-1. */
const LATIN_1 = new Uint8Array([0x62, 0xe4, 0x72]);

Deno.test("terminal: a password in Latin-1 is posted nowhere", { ignore }, async () => {
  await withSimulator(ada(), async (simulator) => {
    await using pty = await openPty({ args: ADMIN, files: defaultFiles, simulator });
    await pty.expect("OneLogin password");
    await pty.send(LATIN_1);
    await pty.expect(/error: cannot read the input: it is not UTF-8 text/);
    assert.equal((await pty.wait()).code, 2, pty.screen());
    assert.equal(simulator.passwordPosts, 0);
    assert.deepEqual(await pty.terminalRestored, RESTORED);
  });
});

Deno.test("terminal: arrow keys and marks of a paste before a password that is typed blind are not part of it", {
  ignore,
}, async () => {
  await withSimulator(ada(), async (simulator) => {
    const stderr = await Deno.makeTempFile();
    await using pty = await openPty({ args: ADMIN, files: defaultFiles, simulator, stderr });
    await echoes(pty, false);
    for (const keys of ["\x1b[A", "\x1bOB", "\x1b[1;5D", "\x1b[200~"]) await pty.send(keys);
    await pty.send(`${ADA.password}\x1b[201~\r`);
    assert.equal((await pty.wait()).code, 0, Deno.readTextFileSync(stderr));
    assert.equal(simulator.passwordPosts, 1);
    await Deno.remove(stderr);
  });
});

Deno.test(
  "terminal: of several pasted lines the first is the answer, and none chooses a role",
  { ignore },
  async () => {
    await withSimulator(ada(), async (simulator) => {
      await using pty = await openPty({ args: [], files: defaultFiles, simulator });
      await pty.expect("OneLogin password");
      await pty.send(`${ADA.password}\rread\r\r`);
      await pty.expect("AWS role");
      // The menu takes keys, so that it has taken those that were pasted.
      await pty.send("zz");
      await pty.expect(/zz.* \(0 matches of 5\)/);
      assert.deepEqual(rolesAsked(simulator), []);
      await pty.sendKey("ctrl-c");
      await ended(pty, await pty.wait(), 130);
    });
  },
);

/** Waits until the system has stopped a process. */
async function stopped(pid: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] }).output();
    if (new TextDecoder().decode(stdout).startsWith("T")) return;
  }
  throw new Error(`the process ${pid} does not stop`);
}

Deno.test("terminal: with LANG=C everything on the screen is ASCII", { ignore }, async () => {
  await withSimulator({}, async (simulator) => {
    const env = { LANG: "C" };
    await using pty = await openPty({ args: ["--profile", "dev"], files: defaultFiles, env, simulator });
    await typePassword(pty);
    await pty.expect("Second factor");
    await pty.sendKey("enter");
    await pty.expect("AWS role");
    await pty.send("987 read");
    await pty.expect("1 match");
    await pty.sendKey("enter");
    assert.equal((await pty.wait()).code, 0, pty.screen());
    assert.match(pty.screen(), /> .*ReadOnly - 987654321098/);
    // deno-lint-ignore no-control-regex
    assert.match(pty.raw(), /^[\x00-\x7f]*$/);
  });
});
