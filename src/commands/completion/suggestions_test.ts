import assert from "node:assert/strict";
import fc from "fast-check";
import { parseArgv, SHELLS } from "../../argv/parse.ts";
import { complete, completionScript, encodeCompletions, type KnownNames } from "./suggestions.ts";
import { COMMANDS, OPTIONS } from "../../argv/options.ts";

const KNOWN: KnownNames = {
  profiles: ["dev", "prod eu", "dev"],
  roles: ["Admin", "Reader"],
  accounts: new Map([["123456789012", "Prod"], ["210987654321", ""]]),
};

/** The texts for a line; the last word is the one to complete. */
function texts(line: string): string[] {
  return complete(line.split(" "), KNOWN).map((one) => one.kind === "word" ? one.text : `<${one.prefix}${one.type}>`);
}

Deno.test("complete: commands where a command may stand", () => {
  assert.deepEqual(texts(""), [...COMMANDS.filter((command) => command !== "login"), "help"]);
  assert.deepEqual(texts("help e"), ["environment", "exit-codes"]);
  assert.deepEqual(texts("st"), ["status"]);
  assert.deepEqual(texts("--profile dev st"), ["status"]);
  assert.deepEqual(texts("roles "), []);
  assert.deepEqual(texts("-- "), []);
  assert.deepEqual(texts("completion "), [...SHELLS]);
  assert.deepEqual(texts("completion zsh "), []);
});

Deno.test("complete: the options of the command, once each, repeatable ones again", () => {
  assert.deepEqual(texts("status --ver"), ["--verify", "--verbose", "--version"]);
  assert.deepEqual(texts("status --verbose --ver"), ["--verify", "--version"]);
  assert.deepEqual(texts("--prof"), ["--profile", "--profile-template"]);
  assert.deepEqual(texts("-p dev --prof"), ["--profile-template"]);
  assert.deepEqual(texts("--roles a --roles"), ["--roles"]);
  assert.deepEqual(texts("--client"), ["--client_id", "--client_secret"]);
  assert.deepEqual(texts("--client-"), ["--client-id", "--client-secret"]);
});

Deno.test("complete: whatever is offered as an option is accepted by that command", () => {
  for (const command of COMMANDS) {
    for (const name of texts(`${command === "login" ? "" : `${command} `}-`)) {
      const row = OPTIONS.find((one) => one.long.includes(name));
      const value = row?.type === "flag" ? [] : [(row?.choicesOf?.[command] ?? row?.choices)?.[0] ?? "30"];
      const words = command === "login" ? [] : command === "completion" ? [command, "bash"] : [command];
      const means = name === "--credential-process" ? "credential-process" : command;
      assert.equal(parseArgv([...words, name, ...value]).command, means, name);
    }
  }
});

Deno.test("complete: values, in the next word and behind =", () => {
  assert.deepEqual(texts("--output j"), ["json"]);
  assert.deepEqual(texts("--output=j"), ["--output=json"]);
  for (const command of ["roles", "status", "doctor"]) {
    assert.deepEqual(texts(`${command} --output `), ["json"]);
    assert.deepEqual(texts(`${command} --output=`), ["--output=json"]);
    assert.match(JSON.stringify(complete([command, "--outp"], KNOWN)), /only format/);
  }
  assert.deepEqual(texts("-r "), ["us", "eu"]);
  assert.deepEqual(texts("-xp "), ["dev", "prod eu"]);
  assert.deepEqual(texts("--aws-role-name A"), ["Admin"]);
  assert.deepEqual(complete(["--aws-account-id", "1"], KNOWN), [{ kind: "word", text: "123456789012", help: "Prod" }]);
  assert.deepEqual(texts("--file a"), ["<file>"]);
  assert.deepEqual(texts("--config-file-path=a"), ["<--config-file-path=folder>"]);
  assert.deepEqual(texts("--onelogin-password "), []);
  assert.deepEqual(texts("--loop=1"), []);
});

Deno.test("complete: a value that looks like an option or a command is a value", () => {
  assert.deepEqual(texts("--profile roles st"), ["status"]);
  assert.deepEqual(texts("--onelogin-password --verbose --verb"), ["--verbose"]);
});

Deno.test("complete: never throws, whatever is typed", async () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(...OPTIONS.flatMap((row) => row.long), ...COMMANDS, "--", "-", "=", ""),
  );
  await fc.assert(fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
    for (const shell of SHELLS) await encodeCompletions(shell, complete(words, KNOWN), words.at(-1) ?? "");
  }));
});

Deno.test("completionScript: each asks this program for its own shell", async () => {
  for (const shell of SHELLS) {
    const script = await completionScript(shell);
    assert.match(script, new RegExp(`'completion',? '${shell}',? '--'`), shell);
    assert.match(script, /onelogin-aws-assume-role ['$]/, shell);
    assert.ok(script.endsWith("\n"));
  }
});

for (const shell of ["bash", "zsh", "fish"] as const) {
  const found = Deno.build.os !== "windows" &&
    (await new Deno.Command("sh", { args: ["-c", `command -v ${shell}`] }).output()).success;
  Deno.test({
    name: `completionScript: ${shell} itself finds no error in its script`,
    ignore: !found,
    async fn() {
      // fish writes into its home even when it only reads a script.
      const home = await Deno.makeTempDir();
      try {
        await Deno.writeTextFile(`${home}/script`, await completionScript(shell));
        const options = { args: ["-n", `${home}/script`], env: { HOME: home } };
        const { success, stderr } = await new Deno.Command(shell, options).output();
        assert.ok(success, new TextDecoder().decode(stderr));
      } finally {
        await Deno.remove(home, { recursive: true });
      }
    },
  });
}

const bash = await Promise.resolve().then(() => new Deno.Command("bash", { args: ["--version"] }).output()).then(
  ({ success }) => success,
  () => false,
);

Deno.test({
  name: "completionScript: bash completes a word with what the program answers",
  ignore: !bash,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const answer = await encodeCompletions("bash", complete(["--output", "j"], KNOWN), "j");
      await Deno.writeTextFile(`${folder}/script`, await completionScript("bash"));
      const program = `#!/bin/sh\nprintf '%s\\n' "$*" >"${folder}/asked"\nprintf '%s' '${answer}'\n`;
      await Deno.writeTextFile(`${folder}/onelogin-aws-assume-role`, program, { mode: 0o755 });
      const { stdout, stderr } = await new Deno.Command("bash", {
        args: [
          "-c",
          'PATH="$1:$PATH"; source "$1/script"; COMP_WORDS=(onelogin-aws-assume-role --output j); COMP_CWORD=2; ' +
          'COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}; ' +
          '$(complete -p onelogin-aws-assume-role | sed "s/.*-F //; s/ .*//") x j; printf "%s\\n" "${COMPREPLY[@]}"',
          "bash",
          folder,
        ],
      }).output();
      assert.equal(
        await Deno.readTextFile(`${folder}/asked`),
        "completion bash -- --output j\n",
        new TextDecoder().decode(stderr),
      );
      assert.equal(new TextDecoder().decode(stdout).trim(), "json");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
