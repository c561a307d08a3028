/**
 * The documentation says what is true: every command line in it parses, every link leads somewhere, and the blocks that
 * are marked `sh run` are run as they stand, by a shell, with the real program against the simulator.
 */
import assert from "node:assert/strict";
import { parse as parseYaml } from "yaml";
import { ADA } from "../simulator/demo_world.ts";
import { parseArgv } from "../src/cli/argv.ts";
import { COMMANDS } from "../src/cli/options.ts";
import { Exit } from "../src/errors.ts";
import { ENV_NAMES } from "../src/permissions.ts";
import { PROGRAM } from "../src/version.ts";
import { defaultFiles, freshFolder, prepare, runProgram, withSimulator } from "./harness.ts";
import { ada, PASSWORD, together } from "./runs.ts";

const ROOT = new URL("../", import.meta.url);
const GUIDES = Array.from(Deno.readDirSync(new URL("docs/", ROOT)), ({ name }) => name)
  .filter((name) => name.endsWith(".md")).sort().map((name) => `docs/${name}`);
const PAGES = ["README.md", ...GUIDES];

interface Block {
  readonly page: string;
  /** Of the line with the fence, from 1. */
  readonly line: number;
  /** What stands behind the fence, such as `sh run`. */
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
        run?.includes(PROGRAM) ? [{ page, line: 0, info: "sh run", text: run, env }] : []
      );
    },
  );
}

Deno.test("docs: the example workflows give the program variables that it reads, and no expression stands in a script", () => {
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
    info: "sh run",
    text: steps.map(({ text }) => text.trimEnd()).join("\n"),
  }));
}

const SHELLS = /^(sh|bash|zsh|fish|powershell|pwsh|ini|text|console)\b/;

Deno.test("docs: every command line parses, in shell blocks, AWS config lines and running text", () => {
  let count = 0;
  for (const page of PAGES) {
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
  for (const page of [...PAGES, "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md", "CHANGELOG.md"]) {
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
  // A "…" in the page stands for what differs from run to run; what stands before and after a colon is often written in
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

Deno.test("docs: the tables of exit codes have every code and no other", () => {
  const codes = Object.values(Exit).map(String).toSorted();
  const table = Array.from(read("docs/exit-codes.md").matchAll(/^\| (\d+) \|/gm), ([, code = ""]) => code);
  assert.deepEqual(table.toSorted(), codes);
  const readme = read("README.md").split("For scripts")[1] ?? "";
  for (const code of codes) assert.match(readme, new RegExp(`\\b${code}\\b`), `README.md says nothing of ${code}`);
});

// ---- Blocks that are run -------------------------------------------------------------------------------------------

const windows = Deno.build.os === "windows";

/** Programs of the recipes that are not here, and what they answer. */
const STAND_INS: Readonly<Record<string, string>> = {
  security: `printf '%s\\n' '${ADA.password}'`,
  op: `printf '%s\\n' '${ADA.password}'`,
  pass: `printf '%s\\n' '${ADA.password}'`,
  docker: 'while [ "$1" != --env-file ]; do shift; done; grep -q "^AWS_SESSION_TOKEN=" "$2"',
  "xdg-open": 'case "$1" in http*) exit 0 ;; *) exit 1 ;; esac',
};

async function hasJq(): Promise<boolean> {
  try {
    return (await new Deno.Command("jq", { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch {
    console.error("blocks with jq are left out: jq is not installed");
    return false;
  }
}

Deno.test({
  name:
    "docs: the blocks marked to be run end well, leave no secret behind and ask nothing of OneLogin and AWS that is odd",
  ignore: windows,
  async fn() {
    const jq = await hasJq();
    const runnable = [...PAGES.flatMap(blocks), ...exampleRun()].filter(({ info, text }) =>
      info === "sh run" && (jq || !/\bjq\b/.test(text))
    );
    assert.ok(runnable.length > 8, `only ${runnable.length} blocks are marked`);
    await together(
      runnable.map((block) => () =>
        withSimulator(ada(), async (simulator) => {
          const start = { args: [], files: defaultFiles, env: PASSWORD, simulator };
          const prepared = await prepare(start);
          const bin = freshFolder("bin");
          writeScript(`${bin}/${PROGRAM}`, `exec ${prepared.command.map(quoted).join(" ")} "$@"`);
          for (const [name, script] of Object.entries(STAND_INS)) writeScript(`${bin}/${name}`, script);
          const result = await runProgram({
            ...start,
            program: ["sh", "-euc", block.text],
            env: { ...prepared.env, USER: "ada", PATH: `${bin}:${prepared.env["PATH"]}` },
            home: prepared.home,
            timeoutMs: 60_000,
          });
          const where = `${block.page}:${block.line}`;
          assert.equal(result.code, 0, `${where}\n${result.stdout.replace(/=.*/g, "=…")}\n${result.stderr}`);
          assert.doesNotMatch(result.stderr, /error:|warning:/, where);
        })
      ),
      2,
    );
  },
});

function writeScript(path: string, body: string): void {
  Deno.writeTextFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
