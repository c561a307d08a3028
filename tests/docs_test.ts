/**
 * The documentation reports what is true: every command line in it parses, every link leads somewhere, and every block of
 * shell is run as it is, with the real program against the simulator, or is in a list that reports who runs it.
 */
import assert from "node:assert/strict";
import { parse as parseYaml } from "yaml";
import { sha256 } from "../scripts/toolchain.ts";
import { ADA } from "../simulator/demo_world.ts";
import { parseArgv } from "../src/argv/parse.ts";
import { COMMANDS } from "../src/argv/options.ts";
import { Exit } from "../src/errors.ts";
import { ENV_NAMES } from "../src/outer_wall.ts";
import { PROGRAM } from "../src/version.ts";
import { defaultFiles, freshFolder, type LiveRun, prepare, runProgram, withSimulator } from "./harness.ts";
import { ada, PASSWORD, together } from "./runs.ts";

const ROOT = new URL("../", import.meta.url);
const GUIDES = ["docs/", "docs/internals/"].flatMap((folder) =>
  Array.from(Deno.readDirSync(new URL(folder, ROOT)), ({ name }) => name)
    .filter((name) => name.endsWith(".md")).sort().map((name) => `${folder}${name}`)
);
const PAGES = ["README.md", ...GUIDES];
/** All that a person may copy a command from. */
const WITH_COMMANDS = [...PAGES, "CONTRIBUTING.md", "SECURITY.md"];

interface Block {
  readonly page: string;
  /** Of the line with the fence, from 1. */
  readonly line: number;
  /** The text after the fence, such as `sh run`. */
  readonly info: string;
  readonly text: string;
}

function read(page: string): string {
  return Deno.readTextFileSync(new URL(page, ROOT));
}

function blocks(page: string): readonly Block[] {
  const found: Block[] = [];
  let open: { line: number; info: string; lines: string[] } | undefined;
  for (const [index, line] of read(page).split("\n").entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (open === undefined && fence) open = { line: index + 1, info: fence[1]?.trim() ?? "", lines: [] };
    else if (open !== undefined && line === "```") {
      found.push({ page, line: open.line, info: open.info, text: open.lines.join("\n") });
      open = undefined;
    } else open?.lines.push(line);
  }
  assert.equal(open, undefined, `${page} has a block that does not end`);
  return found;
}

/** The arguments of every run of the program in a piece of shell: up to a pipe, a redirection or the end of the command. */
function runsIn(shell: string): readonly (readonly string[])[] {
  const text = shell.replace(/\\\n\s*/g, "");
  const runs: string[][] = [];
  for (const match of text.matchAll(new RegExp(`(?<![\\w./-])${PROGRAM}(?=[\\s)"]|$)`, "g"))) {
    const args: string[] = [];
    let word: string | undefined;
    let quote = "";
    for (const char of `${text.slice(match.index + PROGRAM.length)}\n`) {
      if (quote !== "") {
        if (char === quote) quote = "";
        else word = (word ?? "") + char;
      } else if (char === "'" || (char === '"' && word === undefined) || (char === '"' && word?.endsWith("="))) {
        quote = char;
        word ??= "";
      } else if (/[\s|;&)<>#"`]/.test(char)) {
        if (word !== undefined) args.push(word);
        word = undefined;
        if (!/[ \t]/.test(char)) break;
      } else word = (word ?? "") + char;
    }
    runs.push(args);
  }
  return runs;
}

/** The steps of the example workflows that run the program. */
function exampleSteps(): readonly (Block & { readonly env: Readonly<Record<string, string>> })[] {
  interface Step {
    readonly run?: string;
    readonly env?: Readonly<Record<string, string>>;
  }
  return Array.from(Deno.readDirSync(new URL("docs/examples/", ROOT)), ({ name }) => `docs/examples/${name}`).flatMap(
    (page) => {
      const { jobs }: { jobs: Readonly<Record<string, { steps: readonly Step[] }>> } = parseYaml(read(page));
      return Object.values(jobs).flatMap(({ steps }) => steps).flatMap(({ run, env = {} }) =>
        run?.includes(PROGRAM) ? [{ page, line: 0, info: "bash run", text: run, env }] : []
      );
    },
  );
}

Deno.test("docs: the example workflows give the program variables that it reads, and no expression is in a script", () => {
  const steps = exampleSteps();
  assert.ok(steps.length >= 2);
  for (const { page, text, env } of steps) {
    assert.doesNotMatch(text, /\$\{\{/, page);
    for (const name of Object.keys(env)) assert.ok(ENV_NAMES.includes(name), `${page}: ${name}`);
  }
});

/** Each example's steps as one block, in their order. */
function exampleRun(): readonly Block[] {
  const pages = Map.groupBy(exampleSteps(), ({ page }) => page);
  return Array.from(pages, ([page, steps]) => ({
    page,
    line: 0,
    info: "bash run",
    text: steps.map(({ text }) => text.trimEnd()).join("\n"),
  }));
}

const SHELLS = /^(sh|bash|zsh|fish|powershell|pwsh|ini|text|console)\b/;

Deno.test("docs: every command line parses, in shell blocks, AWS config lines and running text", () => {
  let count = 0;
  for (const page of WITH_COMMANDS) {
    const pieces = [
      ...blocks(page).filter(({ info }) => SHELLS.test(info)).map(({ line, text }) => ({ line, text })),
      // `onelogin-aws-assume-role doctor` within a sentence; what has an ellipsis or a placeholder is no command line.
      ...Array.from(read(page).replace(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g), ([, text = ""]) => ({
        line: 0,
        text,
      })).filter(({ text }) => text.startsWith(PROGRAM)),
    ];
    for (const { line, text } of pieces) {
      for (const args of runsIn(text)) {
        if (args.some((arg) => /…|[{[]|^[A-Z]+$/.test(arg) && !args.includes("--profile-template"))) continue;
        count++;
        assert.doesNotThrow(() => parseArgv(args), `${page}:${line}: ${PROGRAM} ${args.join(" ")}`);
      }
    }
  }
  assert.ok(count > 40, `only ${count} command lines were found`);
});

Deno.test("docs: runsIn finds the runs of a piece of shell and their arguments", () => {
  assert.deepEqual(runsIn(`eval "$(${PROGRAM} -p dev)"; x`), [["-p", "dev"]]);
  assert.deepEqual(runsIn(`a | ${PROGRAM} --roles '*/x y' --output json | jq .`), [[
    "--roles",
    "*/x y",
    "--output",
    "json",
  ]]);
  assert.deepEqual(runsIn(`${PROGRAM} --a \\\n  --b # c\n${PROGRAM}\n./${PROGRAM}-3.tar.gz`), [["--a", "--b"], []]);
  assert.deepEqual(runsIn(`./dist/${PROGRAM} --version`), []);
});

Deno.test("docs: links to files and to headings lead somewhere", () => {
  for (const page of [...WITH_COMMANDS, "CODE_OF_CONDUCT.md", "CHANGELOG.md"]) {
    const text = read(page).replace(/^```[\s\S]*?^```$/gm, "");
    for (const [, link = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?|mailto):/.test(link)) continue;
      const [path = "", heading] = link.split("#");
      const target = path === "" ? page : new URL(path, new URL(page, ROOT)).pathname.slice(ROOT.pathname.length);
      assert.ok(exists(target), `${page}: there is no ${target}`);
      if (heading === undefined) continue;
      assert.ok(headings(read(target)).includes(heading), `${page}: there is no heading #${heading} in ${target}`);
    }
  }
});

function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(path, ROOT));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Anchors as GitHub makes them. */
function headings(text: string): readonly string[] {
  return Array.from(
    text.matchAll(/^#+ (.+)$/gm),
    ([, words = ""]) => words.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"),
  );
}

Deno.test("docs: no page has a mark of a merge left", () => {
  for (const page of [...WITH_COMMANDS, "CHANGELOG.md"]) assert.doesNotMatch(read(page), /<{7}|>{7}|^={7}$/m, page);
});

Deno.test("docs: the README is read in one go: at most 100 lines", () => {
  assert.ok(read("README.md").trimEnd().split("\n").length <= 100);
});

// ---- Messages ------------------------------------------------------------------------------------------------------

/** The texts of a source file, each `${…}` in a template as one `…`. */
function textsOf(source: string): string {
  let text = source.replace(/"\s*\+\s*[\n ]*["`]|`\s*\+\s*[\n ]*["`]/g, "");
  // From the inside out: templates may hold templates.
  for (let before = ""; before !== text;) {
    before = text;
    text = text.replace(/\$\{[^${}]*\}/g, "…");
  }
  return text.replaceAll('\\"', '"').replaceAll("\\'", "'");
}

function sources(folder: URL): readonly string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap((entry) => {
    const url = new URL(`${entry.name}${entry.isDirectory ? "/" : ""}`, folder);
    if (entry.isDirectory) return sources(url);
    return /(?<!_test|testing|help_pages)\.ts$/.test(entry.name) ? [textsOf(Deno.readTextFileSync(url))] : [];
  });
}

Deno.test("docs: each message that troubleshooting.md explains is one that the program can print", () => {
  const all = [...sources(new URL("src/", ROOT)), textsOf(read("main.ts"))].join("\n");
  const messages = Array.from(read("docs/troubleshooting.md").matchAll(/^### (.+)$/gm))
    .flatMap(([, heading = ""]) => Array.from(heading.matchAll(/`([^`]+)`/g), ([, text = ""]) => text));
  assert.ok(messages.length > 25, `only ${messages.length} messages were found`);
  // A "…" in the page replaces what differs between runs; what is before and after a colon is often written in
  // two places.
  const parts = (message: string) =>
    message.split(/…|[:;] /).map((part) => part.replace(/^[\s":;(),]+|[\s":;(),]+$/g, "")).filter((part) =>
      part.length > 3
    );
  const missing = messages.filter((message) => parts(message).some((part) => !all.includes(part)));
  assert.deepEqual(missing, []);
});

Deno.test("docs: every command has a place in the guides", () => {
  const all = PAGES.map(read).join("\n");
  for (const command of COMMANDS) {
    if (command !== "login") assert.ok(all.includes(`${PROGRAM} ${command}`), command);
  }
});

Deno.test("docs: the lists of exit codes have every code and no other", () => {
  const codes = Object.values(Exit).map(String).toSorted();
  const list = Array.from(read("docs/exit-codes.md").matchAll(/^- (\d+): /gm), ([, code = ""]) => code);
  assert.deepEqual(list.toSorted(), codes);
  const readme = read("README.md").split("For scripts")[1] ?? "";
  for (const code of codes) assert.match(readme, new RegExp(`\\b${code}\\b`), `README.md says nothing of ${code}`);
});

// ---- Blocks that are run -------------------------------------------------------------------------------------------

const windows = Deno.build.os === "windows";

/** Programs of the guides that are not here, and what they answer. */
const STAND_INS: Readonly<Record<string, string>> = {
  security: `printf '%s\\n' '${ADA.password}'`,
  op: `printf '%s\\n' '${ADA.password}'`,
  pass: `printf '%s\\n' '${ADA.password}'`,
  // The AWS CLI finds the profile; tests/aws_cli_test.ts has the real one read what is saved.
  aws: '[ "$1" = --profile ] && grep -qxF "[$2]" "$HOME/.aws/credentials"',
  gh: '[ "$1 $2 $#" = "attestation verify 7" ] && [ -f "$3" ]',
  // A container: what is mounted and nothing else of the home folder and of the environment.
  docker: `
    [ "$1" = run ] && shift
    root=\${0%/*}/container
    mkdir "$root"
    while :; do
      case $1 in
        -it | --rm) shift ;;
        --user) [ "$2" = "$(id -u):$(id -g)" ] && shift 2 || exit ;;
        --env-file) grep -q "^AWS_SESSION_TOKEN=" "$2"; exit ;;
        -v) from=\${2%:*} to=$root\${2##*:}
          [ -e "$from" ] && mkdir -p "\${to%/*}" && ln -s "$from" "$to" && shift 2 || exit ;;
        *) shift && break ;;
      esac
    done
    unset ONELOGIN_PASSWORD
    HOME=$root/root && exec "$@"`,
  curl: `printf '%s\\n' '{"subdomain": "acme", "profiles": {"dev": {"aws_role_name": "Admin"}}}'`,
  sudo: 'exec "$@"',
  chromium: 'case "$1$2" in --user-data-dir=*http*) exit 0 ;; *) exit 1 ;; esac',
  "xdg-open": 'case "$1" in http*) exit 0 ;; *) exit 1 ;; esac',
};

const ARCHIVE = `${PROGRAM}-3.0.0-linux-x64.tar.gz`;

/** Files in the home folder: that of the AWS CLI, and the settings once more for a second account. */
const HOME_FILES = {
  ".aws/config": "",
  ...defaultFiles,
  ...Object.fromEntries(
    ["acme", "initech"].flatMap((account) =>
      Object.entries(defaultFiles).map(([path, text]) => [path.replace(".onelogin/", `.onelogin/${account}/`), text])
    ),
  ),
};

/** The recipes have the account and role of two profiles in the settings. */
const RECIPE_PROFILES = JSON.stringify({
  ...JSON.parse(String(defaultFiles[".onelogin/onelogin.aws.json"])),
  profiles: Object.fromEntries(
    ["dev", "ci"].map((name) => [name, { aws_account_id: "123456789012", aws_role_name: "Admin" }]),
  ),
});

/** Files in the working folder: what `docker run` mounts, and what was downloaded of a release. */
const CWD_FILES = {
  "onelogin.sdk.json": defaultFiles[".onelogin/onelogin.sdk.json"] ?? "",
  "team.json": '{"subdomain": "acme"}',
  [ARCHIVE]: "an archive",
  SHA256SUMS: `${"0".repeat(64)}  elsewhere.tar.gz\n${await sha256(
    new TextEncoder().encode("an archive"),
  )}  ${ARCHIVE}\n`,
};

/** What a person answers, by page and a piece of the block: the password in a container, the first role of the list. */
const ANSWERS: readonly (readonly [page: string, piece: string, answers: readonly string[]])[] = [
  ["README.md", "put them into this shell only", ["0", "0"]],
  ["docs/getting-started.md", `${PROGRAM} --profile dev\naws`, ["0"]],
  ["docs/recipes.md", "--output fish | source", ["0"]],
  ["docs/recipes.md", "| Invoke-Expression", ["0"]],
  ["docs/recipes.md", "-c ~/.onelogin/initech --profile", ["0", "0"]],
  ["docs/docker.md", "docker run", [ADA.password, "0"]],
];

/** Blocks of shell that are not run here, by page and a piece of the block, and the file that runs the same. */
const RUN_ELSEWHERE: readonly (readonly [page: string, piece: string, where: string])[] = [
  ["README.md", "task demo", "tests/house_test.ts"],
  ["README.md", "task compile", ".ci/run"],
  ["README.md", "assume-role configure", "tests/configure_test.ts"],
  ["CONTRIBUTING.md", "task ok", ".github/workflows/ci.yml"],
  // From this machine instead of from GitHub.
  ["docs/install.md", "install.sh | sh", "packaging/install_test.ts"],
  ["docs/install.md", "install.ps1 | iex", "packaging/install_ps1_test.ts"],
  ["docs/install.md", "OLAWS_RELEASES_URL=", "packaging/install_test.ts"],
  ["docs/install.md", "pip install -U", "packaging/shelves_test.ts"],
  ["docs/install.md", "npm i -g", "packaging/shelves_test.ts"],
  ["docs/install.md", "npm root -g", "packaging/shelves_test.ts"],
  ["docs/docker.md", "docker build", ".github/workflows/ci.yml"],
  ["docs/internals/performance.md", "task bench", "bench/main.ts"],
  ["docs/getting-started.md", "configure", "tests/configure_test.ts"],
  ["docs/recipes.md", "initech configure", "tests/configure_test.ts"],
  // For hours; with a clock of its own.
  ["docs/recipes.md", "configure --all-roles\naws sts", "tests/all_roles_test.ts"],
  ["docs/recipes.md", "--loop 8", "tests/compat_test.ts"],
  ["docs/recipes.md", "proxy.example.com", "tests/network_test.ts"],
  ["docs/recipes.md", "us-gov-west-1", "src/login/region_test.ts"],
  // With a real browser, and a paste.
  ["docs/browser.md", "google-chrome", "tests/chromium.ts"],
  ["docs/browser.md", "open -na", "tests/chromium.ts"],
  ["docs/browser.md", "--browser --profile dev", "tests/browser_test.ts"],
  ["docs/serve.md", "onelogin-aws-assume-role serve", "tests/serve_test.ts"],
  ["docs/recipes.md", "--saml-response-stdin --profile dev", "tests/saml_response_test.ts"],
  ["SECURITY.md", "Get-FileHash", "packaging/install_ps1_test.ts"],
];

const shells: Readonly<Record<string, readonly string[]>> = {
  sh: ["sh", "-euc"],
  bash: ["bash", "-euc"],
  zsh: ["zsh", "-fc"],
  fish: ["fish", "-c"],
  powershell: ["pwsh", "-NoProfile", "-Command"],
};

/** The blocks that are run; what is marked `sh run on` continues where the block before it has ended. */
function runnable(): readonly Block[] {
  return WITH_COMMANDS.flatMap((page) =>
    blocks(page).filter(({ info }) => / run\b/.test(info)).reduce<readonly Block[]>((done, block) => {
      const last = done.at(-1);
      if (!block.info.endsWith(" on") || last === undefined) return [...done, block];
      return [...done.slice(0, -1), { ...last, text: `${last.text}\n${block.text}` }];
    }, [])
  );
}

Deno.test("docs: each block of shell is run here, or names the test that runs it", () => {
  const shell = new RegExp(`^(?:${Object.keys(shells).join("|")}|console)\\b`);
  const rest = WITH_COMMANDS.flatMap(blocks).filter(({ info }) => shell.test(info) && !/ run\b/.test(info));
  const found = rest.map((block) =>
    RUN_ELSEWHERE.find(([page, piece]) => page === block.page && block.text.includes(piece))
  );
  assert.deepEqual(rest.filter((_, index) => found[index] === undefined), [], "blocks that nobody runs");
  assert.deepEqual(RUN_ELSEWHERE.filter((entry) => !found.includes(entry)), [], "blocks that are no more");
  for (const [, , where] of RUN_ELSEWHERE) assert.ok(exists(where), where);
  const run = runnable();
  const unasked = ANSWERS.filter(([page, piece]) =>
    !run.some((block) => block.page === page && block.text.includes(piece))
  );
  assert.deepEqual(unasked, [], "answers to no question");
});

async function has(program: string): Promise<boolean> {
  try {
    const output = { stdin: "null", stdout: "null", stderr: "null" } as const;
    return (await new Deno.Command(program, { args: ["--version"], ...output }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Of the programs that the blocks need, those that are not here. */
async function missingPrograms(): Promise<readonly string[]> {
  const needed = ["jq", "sha256sum", "shasum", "bash", "zsh", "fish", "pwsh"];
  const found = await Promise.all(needed.map(has));
  return needed.filter((_, index) => !found[index]);
}

Deno.test({
  name:
    "docs: the blocks marked to be run end well, leave no secret behind and ask nothing of OneLogin and AWS that is odd",
  ignore: windows,
  async fn() {
    const missing = await missingPrograms();
    for (const name of missing) console.error(`blocks with ${name} are left out: ${name} is not installed`);
    const all = [...runnable(), ...exampleRun()];
    assert.ok(all.length > 30, `only ${all.length} blocks are marked`);
    const here = all.filter(({ info, text }) => {
      const shell = shells[info.split(" ")[0] ?? ""]?.[0] ?? assert.fail(info);
      return !missing.some((name) => name === shell || new RegExp(`\\b${name}\\b`).test(text));
    });
    await together(here.map((block) => () => runBlock(block)), 2);
  },
});

Deno.test({
  name: "docs: the prompts show the profile and the minutes left in bash, zsh and sh, quickly and without the network",
  ignore: windows || !await has("jq"),
  async fn() {
    const all = blocks("docs/recipes.md");
    const prompt = all.find(({ text }) => text.includes("role_left()"))?.text ?? assert.fail();
    const toml = all.find(({ info, text }) => info === "toml" && text.includes("[custom.role]"))?.text ?? assert.fail();
    const [, when = ""] = /^when = '(.*)'$/m.exec(toml) ?? [];
    const [, command = ""] = /^command = \'\'\'(.*)\'\'\'$/m.exec(toml) ?? [];
    await withSimulator(ada(), async (simulator) => {
      const start = { files: HOME_FILES, env: PASSWORD, simulator };
      const args = ["--profile", "dev", "--aws-account-id", "123456789012", "--aws-role-name", "Admin"];
      const { home } = await runProgram({ ...start, args });
      const prepared = await prepare({ args: [], home, simulator });
      const bin = freshFolder("bin");
      writeScript(`${bin}/${PROGRAM}`, `exec ${prepared.command.map(quoted).join(" ")} "$@"`);
      const before = simulator.requests.length;
      const runs = [
        ["bash", "-c", `PS1='$ '\n${prompt}\nprintf '%s' "\${PS1@P}"`],
        ["zsh", "-fc", `PS1='$ '\n${prompt}\nprint -Pn "$PS1"`],
        ["sh", "-c", `${when} && ${command}`],
      ] as const;
      for (const [shell, option, script] of runs) {
        if (!await has(shell) && shell !== "sh") continue;
        const env = { ...prepared.env, PATH: `${bin}:${prepared.env["PATH"]}`, AWS_PROFILE: "dev" };
        const shown = await runProgram({ program: [shell, option, script], args: [], home, env });
        assert.match(shown.stdout, /^dev (?:59|60)m\s(?:\$ )?$/, `${shell}: ${shown.stdout}${shown.stderr}`);
      }
      assert.equal(simulator.requests.length, before);
    });
  },
});

async function runBlock({ page, line, info, text }: Block): Promise<void> {
  await withSimulator(ada(), async (simulator) => {
    // A proxy that is not there: what would go to another machine gets nowhere.
    const env = { ...PASSWORD, HTTPS_PROXY: "http://127.0.0.1:9" };
    const files = page === "docs/recipes.md"
      ? { ...HOME_FILES, ".onelogin/onelogin.aws.json": RECIPE_PROFILES }
      : HOME_FILES;
    const start = { args: [], files, cwdFiles: CWD_FILES, env, simulator };
    const prepared = await prepare(start);
    const bin = freshFolder("bin");
    writeScript(`${bin}/${PROGRAM}`, `exec ${prepared.command.map(quoted).join(" ")} "$@"`);
    for (const [name, script] of Object.entries(STAND_INS)) writeScript(`${bin}/${name}`, script);
    const [, , answers = []] = ANSWERS.find(([where, piece]) => where === page && text.includes(piece)) ?? [];
    const result = await runProgram({
      ...start,
      program: [...shells[info.split(" ")[0] ?? ""] ?? [], text],
      env: {
        ...prepared.env,
        USER: "ada",
        GITHUB_ENV: "/dev/null",
        PATH: `${bin}:${prepared.env["PATH"]}`,
      },
      home: prepared.home,
      cwd: prepared.cwd,
      stdin: (live) => answerEach(live, answers),
      timeoutMs: 60_000,
    });
    const where = `${page}:${line}`;
    assert.equal(result.code, 0, `${where}\n${result.stdout.replace(/=.*/g, "=…")}\n${result.stderr}`);
    assert.doesNotMatch(result.stderr, /error:|warning:/, `${where}\n${result.stderr}`);
  });
}

/** One answer to each question, when it is asked: what a run has read ahead, the next one would miss. */
async function answerEach(live: LiveRun, answers: readonly string[]): Promise<void> {
  let seen = 0;
  for (const answer of answers) {
    // A question waits at the end of its line.
    await live.waitFor(new RegExp(`^[^]{${seen}}[^]*[^\\n]$`), { timeoutMs: 30_000 });
    seen = live.stderr().length + 1;
    await live.write(`${answer}\n`);
  }
}

function writeScript(path: string, body: string): void {
  Deno.writeTextFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
