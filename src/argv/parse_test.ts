import assert from "node:assert/strict";
import fc from "fast-check";
import { Exit, orUserError, UserError } from "../errors.ts";
import { refused } from "../testing.ts";
import { parseArgv } from "./parse.ts";
import { COMMANDS, OPTIONS, REFUSED } from "./options.ts";

function values(...args: string[]) {
  return parseArgv(args).values;
}

function failure(...args: string[]): UserError {
  const error = refused(orUserError(() => parseArgv(args)));
  assert.ok(error.hints.length > 0, `no hint: ${error.message}`);
  return error;
}

/** All that a person would see. */
function said(error: UserError): string {
  return [error.message, ...error.hints].join("\n");
}

Deno.test("parseArgv: every form of a value that argparse takes", () => {
  for (
    const args of [["--duration", "900"], ["--duration=900"], ["-z", "900"], ["-z900"], ["-z=900"], [
      "--dur",
      " +9_00 ",
    ]]
  ) {
    assert.deepEqual(values(...args), { duration: 900 }, args.join(" "));
  }
  assert.deepEqual(values("-xz", "900"), { interactive: true, duration: 900 });
  assert.deepEqual(values("-xz900"), { interactive: true, duration: 900 });
  assert.deepEqual(values("-a1"), { appId: "1" });
  assert.deepEqual(values("-ic"), { clientId: "c" });
  assert.deepEqual(values("--onelogin-password=-a=b c"), { password: "-a=b c" });
});

Deno.test("parseArgv: each long name and short form of the table reaches its own row", () => {
  for (const row of OPTIONS) {
    const command = row.commands.includes("login") ? [] : [row.commands[0] ?? ""];
    const value = row.choices?.[0] ?? (row.type === "integer" ? "30" : "v");
    for (const name of [...row.long, ...(row.short === undefined ? [] : [row.short])]) {
      const parsed = parseArgv([...command, name, ...(row.type === "flag" ? [] : [value])]);
      assert.deepEqual(Object.keys(parsed.values), [row.key], name);
      assert.equal(parsed.given[row.key], name);
    }
  }
});

Deno.test("parseArgv: a drop-in name wins a prefix over a newer option", () => {
  assert.deepEqual(values("--prof", "dev"), { profile: "dev" });
  assert.deepEqual(values("--profile", "dev"), { profile: "dev" });
  assert.deepEqual(values("--onelogin-passw", "x"), { password: "x" });
  assert.deepEqual(values("--onelogin-pass", "x"), { password: "x" });
  assert.deepEqual(values("--role"), { roleOrder: true });
  assert.deepEqual(values("--tim", "20"), { time: 20 });
  assert.deepEqual(values("--fi", "f"), { file: "f" });
  assert.deepEqual(values("--in"), { interactive: true });
  assert.deepEqual(values("--re=eu"), { region: "eu" });
});

Deno.test("parseArgv: a newer option is reached by a prefix where no drop-in name fits", () => {
  assert.deepEqual(values("--profile-t", "x"), { profileTemplate: "x" });
  assert.deepEqual(values("--timeo", "5"), { timeout: 5 });
  assert.deepEqual(values("--onelogin-password-s"), { passwordStdin: true });
  assert.deepEqual(values("--if", "60"), { ifExpiring: 60 });
  assert.deepEqual(values("--fo"), { force: true });
});

Deno.test("parseArgv: an ambiguous prefix lists the candidates, aliases once", () => {
  assert.match(failure("--i").message, /--interactive or --ip$/);
  assert.match(failure("--client", "x").message, /--client_id or --client_secret$/);
  assert.match(failure("--aws-r", "x").message, /--aws-region or --aws-role-name$/);
  assert.match(failure("--no").message, /--no-input or --no-color$/);
  assert.match(failure("status", "--ver").message, /--verify, --verbose or --version$/);
});

Deno.test("parseArgv: options of the Python tool that are refused get a hint, also by prefix", () => {
  for (const args of [["--ip", "1.2.3.4"], ["--ip=1.2.3.4"], ["--ip"]]) {
    assert.match(said(failure(...args)), /onelogin\.sdk\.json/);
  }
  for (const args of [["--keychain-s", "x"], ["--keychain-account=x"], ["--k"]]) {
    assert.match(said(failure(...args)), /--onelogin-password-stdin/);
  }
  for (const { long } of REFUSED) failure(long, "x");
});

Deno.test("parseArgv: a value that starts with - needs =, unless it is a number, a single - or has a space", () => {
  assert.match(said(failure("--onelogin-password", "-Zsecret")), /--onelogin-password=PASSWORD/);
  assert.match(said(failure("--profile", "--verbose")), /write --profile NAME/);
  assert.match(said(failure("--profile")), /write --profile NAME/);
  assert.match(said(failure("--profile", "--", "dev")), /needs a value/);
  assert.deepEqual(values("--loop", "-5"), { loop: -5 });
  assert.deepEqual(values("--file", "-"), { file: "-" });
  assert.deepEqual(values("--onelogin-password", "-my pass"), { password: "-my pass" });
});

Deno.test("parseArgv: a flag takes no value", () => {
  assert.match(said(failure("--cache-saml=yes")), /takes none/);
  assert.match(said(failure("--role=x")), /did you mean "--roles"/);
  failure("-x=1");
});

Deno.test("parseArgv: the last of a repeated option wins, a repeatable one keeps all", () => {
  assert.deepEqual(values("-p", "a", "--profile", "b"), { profile: "b" });
  assert.deepEqual(values("-p", "a", "--profile="), {});
  assert.deepEqual(values("--client_id", "a", "--client-id", "b"), { clientId: "b" });
  assert.deepEqual(values("--roles", "a/*", "--roles=b"), { roles: ["a/*", "b"] });
});

Deno.test("parseArgv: numbers outside are moved with a warning, inside without one", () => {
  const low = parseArgv(["-z", "5", "--time=90", "--saml-api-version", "3"]);
  assert.deepEqual(low.values, { duration: 900, time: 60, samlApiVersion: 2 });
  assert.equal(low.warnings.length, 3);
  assert.match(low.warnings[0] ?? "", /-z 5 .*900/);
  assert.deepEqual(parseArgv(["-z", "900", "--time", "60"]).warnings, []);
  assert.deepEqual(values("-z", "9".repeat(400)), { duration: 43200 });
  assert.deepEqual(values("-l", "0"), { loop: 0 });
});

Deno.test("parseArgv: a duration of zero is unset, as in the Python tool", () => {
  assert.deepEqual(parseArgv(["--duration", "0"]), {
    command: "login",
    values: {},
    given: { duration: "--duration" },
    warnings: [],
  });
});

Deno.test("parseArgv: what is no whole number is named", () => {
  for (const text of ["abc", "", "1.5", "1__0", "_1", "0x10", "1e3"]) {
    assert.ok(failure(`--loop=${text}`).message.includes(`"${text}"`), text);
  }
  failure("--timeout", "0");
  failure("--mfa-timeout=-1");
  failure("--loop", "9".repeat(30));
});

Deno.test("parseArgv: a choice is one of its words, in any case", () => {
  assert.deepEqual(values("-r", "EU"), { region: "eu" });
  assert.match(said(failure("--output", "jsn")), /did you mean "json"/);
  assert.match(failure("--region", "asia").message, /us or eu/);
});

Deno.test("parseArgv: a command is the first word that is not an option, in any position", () => {
  assert.equal(parseArgv([]).command, "login");
  assert.equal(parseArgv(["--verbose", "roles"]).command, "roles");
  assert.equal(parseArgv(["-u", "status", "roles"]).command, "roles");
  for (const command of COMMANDS.filter((one) => one !== "login" && one !== "completion")) {
    assert.equal(parseArgv([command, "--quiet"]).command, command);
  }
});

Deno.test("parseArgv: a mistyped command or option names the closest", () => {
  assert.match(said(failure("rolse")), /did you mean "roles"/);
  assert.match(said(failure("credential_process")), /did you mean "credential-process"/);
  assert.match(said(failure("--prfile", "x")), /did you mean "--profile"/);
  assert.match(said(failure("--password", "x")), /did you mean "--onelogin-password"/);
  assert.match(said(failure("login")), /omit it/);
});

Deno.test("parseArgv: an error names the commands that accept an option", () => {
  assert.match(failure("roles", "--time", "20").message, /"--time" with "roles": only a login/);
  assert.match(failure("--verify").message, /without a command: only "status" takes it/);
  failure("doctor", "--all-roles");
});

Deno.test("parseArgv: a command accepts only the formats it can print", () => {
  for (const command of ["roles", "status", "doctor"]) {
    assert.deepEqual(values(command, "--output", "JSON"), { output: "json" });
    assert.match(failure(command, "--output", "env").message, /^cannot use "--output env" with "\w+": expected json$/);
  }
  assert.match(failure("serve", "--output=credential-process").message, /expected env, fish, .* or json$/);
  assert.deepEqual(values("credential-process", "--output", "env"), { output: "env" });
});

Deno.test("parseArgv: --credential-process is the command, and does not go with -f, -l and -x", () => {
  for (const args of [["--credential-process"], ["--cred", "-p", "dev"], ["-l", "1", "--credential-process"]]) {
    assert.equal(parseArgv(args).command, "credential-process", args.join(" "));
  }
  assert.equal(
    parseArgv(["--credential-process", "--cache-saml", "--role_order", "-t", "30"]).command,
    "credential-process",
  );
  assert.equal(parseArgv(["credential-process", "--credential-process"]).command, "credential-process");
  for (const args of [["-f", "x"], ["-l", "2"], ["-x"], ["-l", "0"]]) {
    assert.throws(
      () => parseArgv([...args, "--credential-process"]),
      /cannot use "--credential-process" and "-[flx]" together/,
    );
  }
  assert.throws(() => parseArgv(["roles", "--credential-process"]), UserError);
});

Deno.test("parseArgv: completion takes one shell, and after -- the words to complete", () => {
  assert.equal(parseArgv(["completion", "zsh"]).shell, "zsh");
  const asked = parseArgv(["completion", "bash", "--", "roles", "--onelogin-password", "-"]);
  assert.deepEqual([asked.shell, asked.words], ["bash", ["roles", "--onelogin-password", "-"]]);
  assert.deepEqual(parseArgv(["completion", "fish", "--"]).words, []);
  assert.match(said(failure("completion")), /bash, zsh, fish and pwsh/);
  assert.match(said(failure("completion", "bsh")), /did you mean "bash"/);
  failure("completion", "bash", "zsh");
});

Deno.test("parseArgv: stray words are refused, -- ends the options", () => {
  failure("roles", "extra");
  failure("--", "roles");
  assert.equal(parseArgv(["--quiet", "--"]).command, "login");
});

Deno.test("parseArgv: help and version stand although something after them is wrong", () => {
  assert.equal(parseArgv(["roles", "-h", "--nonsense"]).command, "roles");
  assert.equal(parseArgv(["--help", "roles"]).command, "roles");
  assert.equal(parseArgv(["--help", "--time"]).values["help"], true);
  assert.equal(parseArgv(["--version", "nonsense"]).values["version"], true);
  assert.equal(parseArgv(["roles", "--time", "20", "--help"]).values["help"], true);
  failure("--nonsense", "--help");
});

Deno.test("parseArgv: the password comes from one place", () => {
  failure("--onelogin-password", "x", "--onelogin-password-stdin");
});

Deno.test("parseArgv: no message repeats what may be a piece of a secret", () => {
  const secret = "Zunter2-S3cret";
  for (
    const args of [
      ["--onelogin-password", "correct", secret],
      ["--onelogin-password", "correct", `-${secret}`],
      ["--onelogin-password", "correct", `--${secret}!`],
      ["--onelogin-password", `-${secret}`],
      ["roles", secret],
      ["--", secret],
      ["completion", secret],
      ["--onelogin-pasword=" + secret],
      ["--cache-saml=" + secret],
      ["--client=" + secret],
      ["--ip=" + secret],
      ["-x=" + secret],
      ["--onelogin-password=" + secret, "--onelogin-password-stdin"],
    ]
  ) {
    assert.ok(!said(failure(...args)).includes(secret), args.join(" "));
  }
});

Deno.test("parseArgv: any words either parse or are a usage error with a hint", () => {
  const names = OPTIONS.flatMap((row) => [...row.long, row.short ?? "-q"]);
  const word = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom(...names, ...COMMANDS, "--", "-", "=", "--=", "-=", "__proto__", "--constructor", "900"),
    fc.tuple(fc.constantFrom(...names), fc.nat(20), fc.string()).map(([name, cut, tail]) => name.slice(0, cut) + tail),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (args) => {
      try {
        const parsed = parseArgv(args);
        assert.ok(COMMANDS.includes(parsed.command));
        for (const [key, value] of Object.entries(parsed.values)) {
          assert.ok(OPTIONS.some((row) => row.key === key));
          assert.notEqual(value, "");
          assert.ok(typeof value !== "number" || Number.isSafeInteger(value));
        }
      } catch (error) {
        assert.ok(error instanceof UserError, String(error));
        assert.equal(error.exit, Exit.usage);
        assert.ok(error.hints.length > 0);
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("parseArgv: any value survives --name=value unchanged", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      assert.equal(values(`--onelogin-password=${text}`)["password"], text);
    }),
  );
});

Deno.test("help: a page for each command and topic, in every way it is asked for", () => {
  const page = (...args: string[]) => parseArgv(args).helpPage;
  assert.equal(page("--help"), "login");
  assert.equal(page("help"), "login");
  assert.equal(page("help", "status"), "status");
  assert.equal(page("status", "-h"), "status");
  assert.equal(page("help", "exit-codes"), "exit-codes");
  assert.equal(page("--help", "--all"), "all");
  assert.equal(page("help", "all"), "all");
  assert.equal(page("--all-roles", "--help"), "login");
  assert.equal(page("--profile", "dev"), undefined);
  assert.equal(parseArgv(["version"]).values["version"], true);
  assert.equal(parseArgv(["version"]).helpPage, undefined);
  assert.throws(
    () => parseArgv(["help", "enviroment"]),
    (error: UserError) => error.exit === 2 && error.hints.join().includes("environment"),
  );
});

Deno.test("commands and options of other tools: the hint is what does the same here", () => {
  const hint = (...args: string[]) => {
    try {
      parseArgv(args);
    } catch (error) {
      if (error instanceof UserError) return `${error.message} ${error.hints.join(" ")}`;
      throw error;
    }
    throw new Error("accepted");
  };
  assert.match(hint("whoami"), / status"/);
  assert.match(hint("ls"), / roles"/);
  assert.match(hint("init"), / configure"/);
  assert.match(hint("exec", "--", "aws"), /eval/);
  assert.match(hint("--json"), /--output json/);
  assert.match(hint("-v"), /--verbose/);
  assert.match(hint("dev"), /"dev".*--profile dev/);
  for (const secret of ["hunter2", "Tr0ub4dor", "correct horse", "p\u00e4ss", "a".repeat(40)]) {
    assert.ok(!hint(secret).includes(secret), "a piece of a password is not repeated");
  }
});
