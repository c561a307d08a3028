/** The rules of the house, checked on the sources. */
import assert from "node:assert/strict";
import { parse as parseYaml } from "yaml";
import { readDenoJson, startFlags } from "../scripts/start_task.ts";
import { DENO_VERSION } from "../scripts/toolchain.ts";
import { ENV_NAMES, OUTER_HOSTS, wallFlags } from "../src/outer_wall.ts";
import { grantsFor } from "../src/permissions.ts";
import { readCommandLine } from "../src/argv/parse.ts";
import { RELEASES_HOST } from "../src/repository.ts";
import { codeOf, computedImports, files, importsOf, isShipped, read, roomOf } from "./sources.ts";

const SHIPPED = ["main.ts", ...files("src", ".ts").filter(isShipped)];
const ALL = [...SHIPPED, ...files("src", ".ts").filter((path) => !isShipped(path))];

/** The rooms from the ground up: a room may import from the rooms before it, never from one behind it. */
const ORDER: readonly string[] = [
  "argv",
  "io",
  "saml",
  "aws",
  "settings",
  "onelogin",
  "store",
  "login",
  "unattended",
  "ui",
  "commands",
];
/** The files beside the rooms that know no room. */
const SHARED = SHIPPED.filter((path) =>
  roomOf(path) === "src" && importsOf(path).every(({ target }) => roomOf(target) === "src" && target.endsWith(".ts"))
);

/** A package, and the only files that may import it. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "@clack/prompts": ["src/ui/*"],
  "@optique/core": ["src/commands/completion/*"],
  "aws4fetch": ["src/aws/*"],
  "fast-string-width": ["src/ui/table.ts"],
  "@libs/xml": ["src/saml/xml.ts"],
  "jsonc-parser": ["src/settings/json_positions.ts"],
  "yaml": ["src/settings/yaml.ts", "src/settings/accounts.ts"],
  // Node's own modules are the runtime's: the terminal library wants its streams.
  // The runtime's own API cannot change the owner of an open file.
  "node:fs": ["src/io/change_files.ts"],
  "node:buffer": ["src/saml/assertion.ts"],
  "node:path": ["src/io/paths.ts"],
  "node:process": ["src/ui/prompts/*"],
  "node:stream": ["src/ui/prompts/*"],
};

const matches = (patterns: readonly string[], path: string) =>
  patterns.some((pattern) => pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path);

Deno.test("the sources: a rule that reads nothing would hold", () => {
  assert.ok(SHIPPED.length > 50, `only ${SHIPPED.length} files`);
  assert.ok(SHIPPED.flatMap(importsOf).length > 200);
  assert.deepEqual(importsOf("src/program.ts").find(({ target }) => target === "src/commands/run.ts"), {
    target: "src/commands/run.ts",
    dynamic: false,
  });
  assert.ok(
    importsOf("src/commands/run.ts").some(({ target, dynamic }) => dynamic && target === "src/commands/login.ts"),
  );
});

Deno.test("codeOf(): leaves code, takes comments and strings", () => {
  assert.equal(codeOf('a("https://x//y"); // Deno.exit\n/* Deno. */ b').replace(/\s+/g, " "), 'a(""); b');
});

Deno.test("Deno: only the launcher and src/io touch the runtime", () => {
  const runtime = /\bDeno\b|\bglobalThis\b|\bprocess\.(?:env|exit|cwd)\b|\bconsole\.\w+\(|\balert\(|\bfetch\(/;
  // The terminal library learns of colours from Node's view of the environment only.
  // The thread that speaks to the browser is a program of its own, which loads no room.
  const allowed = ["main.ts", "src/io/*", "src/browser_worker.ts", "src/ui/prompts/terminal.ts"];
  assert.deepEqual(SHIPPED.filter((path) => !matches(allowed, path) && runtime.test(codeOf(read(path)))), []);
  assert.doesNotMatch(codeOf(read("src/ui/prompts/terminal.ts")), /\bDeno\b|\bfetch\(/);
});

Deno.test("streams: text reaches the terminal through the doors that clean it, and through no other", () => {
  const users = (pattern: RegExp) => SHIPPED.filter((path) => pattern.test(codeOf(read(path))));
  assert.deepEqual(users(/\bDeno\.std(?:err|out)\b/), ["src/io/terminal.ts"]);
  // The library of questions writes its own escape codes; what it is handed is cleaned in that file.
  assert.deepEqual(users(/\bprocess\.std(?:err|out)\b|\b\{ stderr \} = process\b/), ["src/ui/prompts/terminal.ts"]);
  assert.deepEqual(users(/\.draw\(/), ["src/ui/reporter.ts", "src/ui/voice.ts"]);
  assert.deepEqual(users(/\bconsole\.\w+\(/), ["main.ts"]);
  const prompts = codeOf(read("src/ui/prompts/terminal.ts"));
  assert.doesNotMatch(prompts, /\b(?:message|placeholder|label|hint): (?:question|choice)\b/);
  assert.doesNotMatch(codeOf(read("src/ui/reporter.ts")), /\bwriteErr\((?!`?\$?\{?oneLine)[^)]*\btext\b/);
});

Deno.test("SECURITY.md: every attack of its list names a test that is there", () => {
  const list = /## Attacks and their tests([^]*?)\n## /.exec(read("SECURITY.md"))?.[1] ?? "";
  const attacks = list.split(/\n\n/).flatMap((part) => part.split(/^- /m).slice(1));
  assert.ok(attacks.length >= 18, `only ${attacks.length} attacks`);
  const tests = ["src", "tests"].flatMap((folder) => files(folder, "_test.ts")).map(read).join("\n");
  for (const attack of attacks) {
    // The tests are what follows the last colon of the sentence.
    const names = [...(/:\s+((?:`[^`]+`,?\s*)+)$/.exec(attack)?.[1] ?? "").matchAll(/`([^`]+)`/g)].map((
      [, name = ""],
    ) => name);
    assert.ok(names.length > 0, attack);
    for (const name of names) assert.ok(tests.includes(`"${name.replace(/…$/, "")}`), `no test "${name}"`);
  }
});

Deno.test("import(): its argument is one plain string", () => {
  assert.deepEqual(
    computedImports('await import("./a.ts"); import(name); import(`./${x}.ts`); import("a" + b)').length,
    1,
  );
  assert.equal(computedImports("import(name)").length, 1);
  assert.equal(computedImports("import(`./${x}.ts`)").length, 1);
  assert.equal(computedImports('import("./a.ts")').length, 0);
  const wrong = ALL.flatMap((path) =>
    computedImports(codeOfKeepingStrings(read(path))).map((call) => `${path}: ${call}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("eval(): nothing makes code from text", () => {
  const wrong = SHIPPED.filter((path) => /\beval\s*\(|\bnew Function\b/.test(codeOf(read(path))));
  assert.deepEqual(wrong, []);
});

Deno.test("browser: one thread, started in one place; it loads no package and no more than it needs", () => {
  assert.deepEqual(SHIPPED.filter((path) => /\bnew Worker\b/.test(codeOf(read(path)))), ["src/io/browser.ts"]);
  const loaded = new Set<string>();
  const visit = (path: string): void => {
    for (const { target } of importsOf(path)) {
      if (loaded.has(target)) continue;
      loaded.add(target);
      if (target.endsWith(".ts")) visit(target);
    }
  };
  visit("src/browser_worker.ts");
  // Of io/deps.ts it takes types only.
  const types = new Set(["src/io/deps.ts", "src/argv/parse.ts", "src/argv/options.ts", "src/argv/spelling.ts"]);
  assert.deepEqual([...loaded].filter((path) => !types.has(path)).sort(), [
    "src/aws/partitions.ts",
    "src/aws/saml_address.ts",
    "src/errors.ts",
    "src/version.ts",
  ]);
  assert.match(read("src/browser_worker.ts"), /import type \{[^}]*\} from "\.\/io\/deps\.ts"/);
  assert.doesNotMatch(codeOf(read("src/browser_worker.ts")), /\bDeno\b|\bimport\(/);
});

Deno.test("imports: data flows one way between the rooms, and every room has its place in the order", () => {
  const rooms = new Set(SHIPPED.map(roomOf).filter((room) => room !== "main" && room !== "src"));
  assert.deepEqual([...rooms].sort(), [...ORDER].sort());
  const wrong = SHIPPED.filter((path) => ORDER.includes(roomOf(path))).flatMap((path) =>
    importsOf(path).map(({ target }) => target).filter((target) =>
      target.endsWith(".ts") && !SHARED.includes(target) && roomOf(target) !== roomOf(path) &&
      (!ORDER.includes(roomOf(target)) || ORDER.indexOf(roomOf(target)) > ORDER.indexOf(roomOf(path)))
    ).map((target) => `${path} -> ${target}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("imports: no circle between files, within a room or across rooms", () => {
  for (const folder of ["src", "simulator", "scripts", "tests"]) {
    const sources = files(folder, ".ts");
    const edges = new Map(sources.map((path) => [path, importsOf(path).map(({ target }) => target)]));
    const state = new Map<string, "open" | "done">();
    const circles: string[] = [];
    const visit = (path: string, way: readonly string[]): void => {
      if (state.get(path) === "done") return;
      if (state.get(path) === "open") return void circles.push([...way.slice(way.indexOf(path)), path].join(" -> "));
      state.set(path, "open");
      for (const target of edges.get(path) ?? []) if (edges.has(target)) visit(target, [...way, path]);
      state.set(path, "done");
    };
    for (const path of sources) visit(path, []);
    assert.deepEqual(circles, []);
  }
});

Deno.test("imports: each package is known in one room", () => {
  const nameOf = (target: string) => target.match(/^(?:@[^/]+\/)?[^/]+/)?.[0] ?? target;
  const wrong = SHIPPED.flatMap((path) =>
    importsOf(path).filter(({ target }) => !target.endsWith(".ts"))
      .filter(({ target }) => !matches(PACKAGES[nameOf(target)] ?? [], path))
      .map(({ target }) => `${path} -> ${target}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("imports: nothing that ships comes from tests, the simulator or scripts", () => {
  const wrong = SHIPPED.flatMap((path) =>
    importsOf(path).filter(({ target }) => target.endsWith(".ts") && (!target.startsWith("src/") || !isShipped(target)))
      .map(({ target }) => `${path} -> ${target}`)
  );
  assert.deepEqual(wrong, []);
});

/** The packages, and the modules of Node, that are loaded by a file and by the files it imports, lazy imports left out. */
function packagesOf(entry: string): readonly string[] {
  const seen = new Set<string>();
  const typesOnly = (path: string, target: string) =>
    new RegExp(`import type [^;]* from "${target}";`).test(read(path));
  const visit = (path: string): readonly string[] => {
    if (seen.has(path)) return [];
    seen.add(path);
    return importsOf(path).filter(({ dynamic, target }) => !dynamic && !typesOnly(path, target)).flatMap(({ target }) =>
      target.endsWith(".ts") ? visit(target) : [`${path} -> ${target}`]
    );
  };
  return visit(entry);
}

Deno.test("main.ts: under sixty lines, loads no third-party code, and the program only when it is narrowed", () => {
  assert.ok(read("main.ts").trimEnd().split("\n").length < 60, "main.ts has grown");
  // The runtime's own.
  assert.deepEqual(packagesOf("main.ts"), ["src/io/paths.ts -> node:path"]);
  assert.deepEqual(importsOf("main.ts").filter(({ dynamic }) => dynamic).map(({ target }) => target), [
    "src/io/launch_files.ts",
    "src/io/network_env.ts",
    "src/narrow.ts",
    "src/permissions.ts",
    "src/io/browser.ts",
    "src/io/loopback.ts",
    "src/program.ts",
  ]);
  assert.deepEqual(packagesOf("src/permissions.ts"), ["src/io/paths.ts -> node:path"]);
  assert.deepEqual(packagesOf("src/narrow.ts"), ["src/io/paths.ts -> node:path"]);
  assert.deepEqual(["browser", "launch_files", "network_env"].flatMap((name) => packagesOf(`src/io/${name}.ts`)), []);
  assert.deepEqual(packagesOf("src/io/loopback.ts"), []);
  assert.deepEqual(packagesOf("src/commands/help_pages.ts"), []);
});

Deno.test("credential-process: from a live cache no third-party module is loaded", () => {
  assert.deepEqual(packagesOf("src/program.ts").map((line) => line.replace(/.* -> /, "")).sort(), [
    "node:path",
  ]);
});

Deno.test("the start tasks: exactly the outer wall, for each platform", async () => {
  const { tasks } = await readDenoJson();
  for (const [name, platform] of [["start", "linux"], ["start:windows", "windows"]] as const) {
    assert.deepEqual(startFlags(tasks[name] ?? ""), wallFlags(platform));
  }
  assert.deepEqual(
    wallFlags("darwin").map((flag) => flag.replace(/^(--allow-(?:net|env))=.+$/, "$1=…")),
    [
      "--no-prompt",
      "--allow-read=/",
      "--allow-write=/",
      "--allow-net=…",
      "--allow-env=…",
      "--deny-run",
      "--deny-ffi",
      "--deny-sys",
      "--deny-import",
      "--unstable-worker-options",
      "--v8-flags=--disallow-code-generation-from-strings,--no-turbofan,--no-sparkplug," +
      "--no-lazy,--no-enable-lazy-source-positions,--no-wasm-tier-up,--no-wasm-dynamic-tiering,--max-semi-space-size=1",
    ],
  );
  const drives = wallFlags("windows").find((flag) => flag.startsWith("--allow-write="))?.split(",") ?? [];
  assert.deepEqual([drives.length, drives[0], drives[25]], [26, "--allow-write=A:\\", "Z:\\"]);
});

Deno.test("the outer wall: each variable once, by its name", () => {
  assert.equal(new Set(ENV_NAMES).size, ENV_NAMES.length);
  assert.deepEqual(ENV_NAMES.filter((name) => !/^\w+$/.test(name)), [], "names, not patterns");
});

Deno.test("--allow-net: covers every host that a run may be granted, and is no wider than a domain", () => {
  const rules = OUTER_HOSTS;
  const base = {
    commandLine: readCommandLine(["console"]),
    cwd: "/w",
    platform: "linux",
    realPath: () => undefined,
    readLink: () => undefined,
    stat: () => undefined,
    read: () => undefined,
  } as const;
  const loopback = "http://127.0.0.1:8080";
  const worlds = [
    { ...base, env: { HOME: "/h" } },
    {
      ...base,
      env: {
        HOME: "/h",
        ONELOGIN_API_URL: loopback,
        AWS_ENDPOINT_URL_STS: loopback,
        AWS_ENDPOINT_URL_SIGNIN: loopback,
      },
    },
    { ...base, env: { HOME: "/h", ONELOGIN_API_URL: "https://acme.onelogin.com", AWS_REGION: "cn-north-1" } },
    { ...base, env: { HOME: "/h", AWS_ENDPOINT_URL_STS: "https://sts-fips.us-east-1.amazonaws.com" } },
    { ...base, commandLine: readCommandLine(["doctor", "--check-release"]), env: { HOME: "/h" } },
  ];
  for (const world of worlds) {
    const { net } = grantsFor(world);
    assert.ok(net.length > 0);
    assert.deepEqual(net.filter((host) => !rules.some((rule) => covers(rule, host))), []);
  }
  const loopbacks = ["127.0.0.0/8", "[::1]", "localhost"];
  const others = rules.filter((rule) => !loopbacks.includes(rule) && !/^\*\.(?:[a-z0-9-]+\.)+[a-z]+:443$/.test(rule));
  assert.deepEqual(others, [RELEASES_HOST], "besides domains of OneLogin and AWS one exact host");
});

Deno.test("covers(): as Deno reads a rule", () => {
  assert.ok(covers("*.example.com:443", "a.b.example.com:443"));
  assert.ok(!covers("*.example.com:443", "example.com:443"));
  assert.ok(!covers("*.example.com:443", "evilexample.com:443"));
  assert.ok(!covers("*.example.com:443", "a.example.com:80"));
  assert.ok(covers("127.0.0.0/8", "127.0.0.1:8080"));
});

Deno.test("every file has a test: beside it, or one of its room that reaches it, or a named one", () => {
  const tests = ["src", "tests", "scripts", "packaging"].flatMap((folder) => files(folder, "_test.ts"));
  const reached = new Set<string>();
  const visit = (path: string, room: string): void => {
    for (const { target } of importsOf(path)) {
      if (roomOf(target) !== room || reached.has(target) || !SHIPPED.includes(target)) continue;
      reached.add(target);
      visit(target, room);
    }
  };
  for (const test of tests) visit(test, roomOf(test));
  for (const test of files("tests", "_test.ts")) for (const { target } of importsOf(test)) reached.add(target);
  // The file of a command is tested where a whole-program test runs that command.
  const ran = (path: string) => {
    const command = path.match(/^src\/commands\/(?:\w+\/)?(\w+)\.ts$/)?.[1]?.replaceAll("_", "-");
    return command !== undefined && files("tests", "_test.ts").some((test) => read(test).includes(`"${command}"`));
  };
  const untested = SHIPPED.filter((path) => !reached.has(path) && !ran(path) && hasCode(path));
  const known = Object.keys(COVERED_BY);
  assert.deepEqual(untested.filter((path) => !known.includes(path)), [], "files without a test");
  assert.deepEqual(known.filter((path) => !SHIPPED.includes(path)), [], "files that are no more");
  assert.deepEqual(Object.values(COVERED_BY).filter((path) => !tests.includes(path)), [], "tests that are no more");
});

Deno.test("texts: no path of a machine, no secret, no name of what is not in the repository", () => {
  const forbidden: Readonly<Record<string, RegExp>> = {
    "a path of a machine": /\/work\/main|\/opt\/deno|\/root\/\.(?:cache|deno)|\/tmp\/briefs|file:\/\/\/(?:work|root)/,
    "a document that is not here": /\b(?:wire|peers|design|style)\.md\b/,
    "a key":
      /AKIA(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|gh[pousr]_[A-Za-z0-9]{30}|npm_[A-Za-z0-9]{30}/,
    "a folder beside the repository": /\.\.\/shared/,
  };
  const allowed = [".ci/run: a folder beside the repository"];
  const wrong = files("").filter((path) => !/^tests\/(?:house_test|fixtures\/)|\.(?:png|gif|lock)$/.test(path))
    .flatMap((path) => {
      const text = read(path);
      return Object.entries(forbidden).filter(([, pattern]) => pattern.test(text)).map(([what]) => `${path}: ${what}`);
    });
  assert.deepEqual(wrong.filter((line) => !allowed.includes(line)), []);
});

Deno.test("the toolchain: every text names the same Deno", async () => {
  const texts = files("").filter((path) => /\.(?:md|ya?ml|sh|json)$/.test(path));
  const wrong = texts.flatMap((path) =>
    Array.from(read(path).matchAll(/deno@(\d+\.\d+\.\d+)/g), ([, version]) => version)
      .filter((version) => version !== DENO_VERSION).map((version) => `${path}: ${version}`)
  );
  assert.deepEqual(wrong, []);
  assert.match(read(".ci/run"), new RegExp(`^pinned=${RegExp.escape(DENO_VERSION)}\\b`, "m"));
  for (const task of ["test", "demo"]) {
    assert.ok(read("README.md").includes(`npx -y deno@${DENO_VERSION} task ${task}\n`), `README: ${task}`);
    assert.ok((await readDenoJson()).tasks[task]);
  }
});

Deno.test("workflows: no power by default, actions pinned by commit, no caches, few jobs that may write", () => {
  const paths = files(".github/workflows", ".yml");
  assert.ok(paths.length >= 4);
  interface Step {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }
  interface Job {
    /** Another workflow of this repository, instead of steps. */
    readonly uses?: string;
    readonly permissions?: Readonly<Record<string, string>>;
    readonly "timeout-minutes"?: number;
    readonly steps?: readonly Step[];
  }
  const called = /^\.\/\.github\/workflows\/[\w-]+\.yml$/;
  const writers: string[] = [];
  for (const path of paths) {
    const text = read(path);
    const workflow = parseYaml(text) as { readonly permissions?: object; readonly jobs: Readonly<Record<string, Job>> };
    assert.deepEqual(workflow.permissions, {}, path);
    for (const [name, job] of Object.entries(workflow.jobs)) {
      const where = `${path}: ${name}`;
      assert.ok(job.permissions, `${where} lists its permissions`);
      if (job.uses === undefined) assert.ok(job["timeout-minutes"], `${where} ends some time`);
      else assert.match(job.uses, called, where);
      if (Object.values(job.permissions).includes("write")) writers.push(where);
      for (const { uses, run, with: inputs } of job.steps ?? []) {
        if (uses?.startsWith("actions/checkout@")) assert.equal(inputs?.["persist-credentials"], false, where);
        assert.doesNotMatch(uses ?? "", /^actions\/cache/, where);
        // What a stranger can choose (a branch, a title) reaches a shell as a variable only.
        assert.doesNotMatch(run ?? "", /\$\{\{/, where);
      }
    }
    for (const [, action] of text.matchAll(/^\s*(?:-\s+)?uses:\s*(.+)$/gm)) {
      // Its own, of the same commit.
      if (called.test(action ?? "") || action === "./packaging/setup-action") continue;
      assert.match(action ?? "", /^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, path);
    }
  }
  assert.deepEqual(writers, [
    ".github/workflows/codeql.yml: analyze",
    // A token that names which workflow asks, and no more.
    ".github/workflows/release.yml: sign-windows",
    ".github/workflows/release.yml: publish",
    ".github/workflows/release.yml: pypi",
    ".github/workflows/release.yml: npm",
  ]);
  const { jobs } = parseYaml(read(".github/workflows/release.yml")) as { readonly jobs: Readonly<Record<string, Job>> };
  for (const name of ["sign-windows", "pypi", "npm"]) {
    assert.deepEqual(jobs[name]?.permissions, { contents: "read", "id-token": "write" }, name);
  }
});

Deno.test("workflows: a release is followed by the check of what was published, and nothing waits for an event that never comes", () => {
  interface Workflow {
    readonly on: Readonly<Record<string, unknown>>;
    readonly jobs: Readonly<Record<string, { readonly uses?: string; readonly needs?: string | readonly string[] }>>;
  }
  const release = parseYaml(read(".github/workflows/release.yml")) as Workflow;
  const caller = Object.values(release.jobs).find(({ uses }) => uses === "./.github/workflows/packages.yml");
  assert.equal(caller?.needs, "publish");
  // What is tried out on each system is what was signed, and nothing else is published.
  const needs = (job: string) => [release.jobs[job]?.needs ?? []].flat();
  assert.deepEqual(["publish", "smoke", "archives"].map(needs), [["smoke"], ["archives"], [
    "sign-macos",
    "sign-windows",
  ]]);
  // What a workflow does with its own token starts no other workflow.
  for (const path of files(".github/workflows", ".yml")) {
    const { on } = parseYaml(read(path)) as Workflow;
    for (const event of ["release", "create", "workflow_run"]) {
      assert.ok(!Object.hasOwn(on, event), `${path}: ${event}`);
    }
  }
});

/** Files that no test of their room reaches, and the test that runs them, most of them in the whole program. */
const COVERED_BY: Readonly<Record<string, string>> = {
  "main.ts": "tests/harness_test.ts",
  "src/browser_worker.ts": "src/io/browser_test.ts",
  "src/program.ts": "tests/login_test.ts",
  "src/io/signals.ts": "tests/terminal_test.ts",
  "src/duration.ts": "tests/login_test.ts",
  "src/utf8.ts": "tests/login_test.ts",
  "src/windows_form.ts": "src/commands/help_test.ts",
  "src/argv/command_help.ts": "scripts/docs/help_pages_test.ts",
  "src/ui/prompts/keyboard.ts": "tests/terminal_test.ts",
  "src/ui/prompts/terminal.ts": "tests/terminal_test.ts",
  "src/io/network.ts": "tests/network_test.ts",
  "src/io/program.ts": "tests/doctor_test.ts",
  "src/io/network_hints.ts": "tests/network_test.ts",
  "src/io/process_env.ts": "tests/login_test.ts",
  "src/io/terminal.ts": "tests/terminal_test.ts",
  "src/io/typed_input.ts": "tests/terminal_test.ts",
};

/** A file of types only has nothing to test. */
function hasCode(path: string): boolean {
  return /^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function|class|const|let)\b/m.test(codeOf(read(path)));
}

function codeOfKeepingStrings(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, " ").replace(/^\s*\/\/.*$/gm, "");
}

/** Whether a rule of --allow-net covers a host with a port. */
function covers(rule: string, host: string): boolean {
  if (rule.startsWith("*.")) return host.endsWith(rule.slice(1));
  const name = host.replace(/:\d+$/, "");
  return rule === "127.0.0.0/8" ? /^127\.\d+\.\d+\.\d+$/.test(name) : rule === name || rule === host;
}
