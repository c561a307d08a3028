/** Shell completion: what the script asks and what the program answers, and the scripts in the shells themselves. */
import assert from "node:assert/strict";
import { freshFolder, programCommand, runProgram } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";

const FILES = {
  ".aws/credentials": "[dev]\naws_access_key_id = A\n\n[prod admin]\n",
  ".onelogin/onelogin.aws.json": '{"profiles": {"staging": {}, "dev": {}}}',
  ".onelogin/cache/roles.json": JSON.stringify({
    version: 1,
    roles: [{ accountId: "123456789012", alias: "Dev account", role: "Admin" }, {
      accountId: "123456789012",
      alias: "Dev account",
      role: "ReadOnly",
    }, { nonsense: true }],
  }),
};

Deno.test("completion SHELL: prints the script of each shell and nothing else", async () => {
  for (const shell of ["bash", "zsh", "fish", "pwsh"]) {
    const { code, stdout, stderr } = await runProgram({ args: ["completion", shell] });
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    assert.match(stdout, /onelogin-aws-assume-role/);
    assert.ok(stdout.includes("completion"));
  }
});

Deno.test("completion SHELL -- WORDS: profiles, roles and accounts of this machine, silently", async () => {
  const ask = async (files: Record<string, string>, ...words: string[]) => {
    const { code, stdout, stderr } = await runProgram({ args: ["completion", "fish", "--", ...words], files });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    return stdout.split("\n").map((line) => line.split("\t")[0]).filter((line) => line !== "");
  };
  assert.deepEqual(await ask(FILES, "--profile", ""), ["dev", "prod admin", "staging"]);
  assert.deepEqual(await ask(FILES, "--aws-role-name", "R"), ["ReadOnly"]);
  assert.deepEqual(await ask(FILES, "--aws-account-id", "1"), ["123456789012"]);
  const broken = {
    ".onelogin/onelogin.aws.json": "{",
    ".onelogin/cache/roles.json": "[[",
    ".aws/credentials": "[dev]",
  };
  assert.deepEqual(await ask(broken, "-p", ""), ["dev"]);
  assert.deepEqual(await ask({ ".onelogin/onelogin.sdk.json": "{" }, "doc"), ["doctor"]);
});

/** A folder for PATH with the program under its own name. */
async function binFolder(): Promise<string> {
  const folder = freshFolder("bin");
  const command = (await programCommand()).map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  Deno.writeTextFileSync(`${folder}/onelogin-aws-assume-role`, `#!/bin/sh\nexec ${command} "$@"\n`);
  Deno.chmodSync(`${folder}/onelogin-aws-assume-role`, 0o755);
  return folder;
}

const DRIVERS = {
  bash: `eval "$(onelogin-aws-assume-role completion bash)"
spec=$(complete -p onelogin-aws-assume-role) || exit 3
handler=$(printf '%s' "$spec" | sed -n 's/.*-F \\([^ ]*\\).*/\\1/p')
COMP_WORDS=(onelogin-aws-assume-role --profile d); COMP_CWORD=2; COMP_LINE="\${COMP_WORDS[*]}"; COMP_POINT=\${#COMP_LINE}
$handler onelogin-aws-assume-role d --profile
printf '%s\\n' "\${COMPREPLY[@]}"`,
  fish: `onelogin-aws-assume-role completion fish | source
complete -C 'onelogin-aws-assume-role --profile d'`,
  zsh: `autoload -Uz compinit; compinit -D -u
eval "$(onelogin-aws-assume-role completion zsh)"
(( \${+_comps[onelogin-aws-assume-role]} )) || exit 3
compadd() { while [[ $1 == -* && $1 != -- ]]; do shift; done; print -l -- "$@"; for a in "$@"; do print -l -- \${(P)a} 2>/dev/null; done }
_describe() { for a in "$@"; do print -l -- \${(P)a} 2>/dev/null; done }
compset() { return 1; }
words=(onelogin-aws-assume-role --profile d); CURRENT=3; PREFIX=d
\${_comps[onelogin-aws-assume-role]}`,
} as const;

for (const [shell, script] of Object.entries(DRIVERS)) {
  const path = shellPath(shell);
  if (path === undefined) console.error(`the completion of ${shell} is not tested: ${shell} is missing`);
  Deno.test({
    name: `completion ${shell}: the script completes a profile in ${shell} itself`,
    ignore: path === undefined,
    async fn() {
      const bin = await binFolder();
      const { code, stdout, stderr } = await runProgram({
        program: [path ?? shell],
        args: ["-c", script],
        files: FILES,
        env: { PATH: `${bin}:${Deno.env.get("PATH")}` },
      });
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /^dev\b/m, stderr);
      assert.doesNotMatch(stdout, /staging/);
    },
  });
}

/** How a shell starts without anybody's settings, and how it finds the completions. */
const INTERACTIVE = {
  bash: {
    args: ["--norc", "--noprofile", "-i"],
    setUp:
      `PS1='ready> '; bind 'set bell-style none'; bind 'set page-completions off'; bind 'set completion-query-items 500'; eval "$(onelogin-aws-assume-role completion bash)"`,
    // bash lists on the second TAB, and shows no descriptions.
    tabs: "\t\t",
    described: undefined,
  },
  zsh: {
    args: ["-f", "-i"],
    setUp:
      `PS1='ready> '; LISTMAX=500; autoload -Uz compinit; compinit -D -u; eval "$(onelogin-aws-assume-role completion zsh)"`,
    tabs: "\t",
    described: /roles +-- list the AWS roles/,
  },
  fish: {
    args: ["--no-config", "-i"],
    setUp:
      "function fish_prompt; echo 'ready> '; end; set -g fish_greeting; onelogin-aws-assume-role completion fish | source",
    tabs: "\t",
    described: /roles +\(list the AWS roles/,
  },
} as const;

for (const [shell, { args, setUp, tabs, described }] of Object.entries(INTERACTIVE)) {
  const path = shellPath(shell);
  Deno.test({
    name: `completion ${shell}: TAB at a prompt lists every profile, and every command with what it does`,
    ignore: path === undefined || await noPty(),
    async fn() {
      const bin = await binFolder();
      await using pty = await openPty({
        program: [path ?? shell, ...args],
        args: [],
        files: FILES,
        env: { PATH: `${bin}:${Deno.env.get("PATH")}`, TERM: "xterm-256color" },
        columns: 100,
        rows: 40,
      });
      await pty.send(`${setUp}; ${shortName(shell)}; printf 'set%s\\n' ' up'\r`);
      await pty.expect("set up");
      await pty.expect("ready> ");
      for (
        const [typed, listed] of [
          ["oa --profile ", ["dev", "staging"]],
          ["onelogin-aws-assume-role --profile ", ["dev", /prod(?:\\\\)? admin/, "staging"]],
          ["onelogin-aws-assume-role ", [described ?? "roles", "credential-process", "status", "doctor", "configure"]],
        ] as const
      ) {
        const before = pty.screen().length;
        await pty.send(typed);
        await pty.send(tabs);
        await shown(pty, before, listed);
        await pty.send("\x15"); // Ctrl-U takes the line back.
      }
    },
  });
}

/** The lines of the guide that give the program a short name, and completion with it. */
function shortName(shell: string): string {
  const recipes = Deno.readTextFileSync(new URL("../docs/recipes.md", import.meta.url));
  const block = new RegExp(`^\`\`\`${shell} run\\n([^\`]*^alias oa[^\`]*)^\`\`\``, "m").exec(recipes)?.[1];
  return block?.trim().replaceAll("\n", "; ") ?? assert.fail(`no short name for ${shell}`);
}

/** Waits until each of the texts is on the screen behind `before`, in whatever order. */
async function shown(
  pty: { screen(): string; expect(expected: RegExp): Promise<string> },
  before: number,
  expected: readonly (string | RegExp)[],
): Promise<void> {
  for (const one of expected) {
    const pattern = typeof one === "string" ? new RegExp(one) : one;
    while (!pattern.test(pty.screen().slice(before))) await pty.expect(/[^]/);
  }
}

function shellPath(shell: string): string | undefined {
  return (Deno.env.get("PATH") ?? "").split(":").map((folder) => `${folder}/${shell}`).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
