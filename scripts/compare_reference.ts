/**
 * Runs the Python tool beside this program on the same command lines, files and piped answers, each against a simulator of
 * its own, and prints what differs. No part of the tests: it needs a Python environment with the tool.
 *
 *     python3 -m venv /tmp/reference && /tmp/reference/bin/pip install onelogin-aws-assume-role==2.1.1
 *     deno run -A scripts/compare_reference.ts /tmp/reference/bin/onelogin-aws-assume-role [WORD]
 *
 * With WORD only the cases run whose name contains it, and both tools' output is shown. Linux only: `setsid` takes the
 * terminal away, so that both read passwords from the pipe.
 */
import { ADA, AUTHENTICATOR, DEMO_SCENARIO, PROTECT, role, samlCache, SMS } from "../simulator/demo_world.ts";
import type { Fault, Scenario, SimulatedDevice, SimulatedUser } from "../simulator/scenario.ts";
import { type Simulator, startSimulator } from "../simulator/server.ts";
import { ROOT, shippedFlags } from "./start_task.ts";

const TIMEOUT_MS = 30_000;

/** Points the Python tool at the simulator, and shortens its waits of 15 seconds and 15 minutes. */
const PATCH = `
import os, re, time, requests.sessions
wait = time.sleep
time.sleep = lambda seconds: wait(min(seconds, 0.2))
send = requests.sessions.Session.request
def request(self, method, url, *args, **kwargs):
    url = re.sub(r"^https://[^/]+\\.onelogin\\.com", os.environ["ONELOGIN_API_URL"], url)
    return send(self, method, url, *args, **kwargs)
requests.sessions.Session.request = request
`;

// --- The cases ------------------------------------------------------------------------------------------------------

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly world?: Partial<Scenario>;
  /** More than the default members of onelogin.aws.json; null leaves one out. */
  readonly aws?: Readonly<Record<string, unknown>>;
  /** Relative to HOME. */
  readonly files?: (simulator: Simulator) => Readonly<Record<string, string>>;
  /** Folder to start in, relative to HOME. */
  readonly cwd?: string;
}

const with_ = (devices: readonly SimulatedDevice[], more: Partial<SimulatedUser> = {}): Partial<Scenario> => ({
  users: [{ ...ADA, devices, ...more }, BOB],
});
const BOB: SimulatedUser = {
  ...ADA,
  username: "bob",
  email: "bob@example.com",
  password: "bobs own",
  id: 77,
  devices: [],
};
const PLAIN = with_([]);
const PASSWORD = ["--onelogin-password", ADA.password];
const ADMIN = ["--aws-account-id", "123456789012", "--aws-role-name", "Admin"];
const LOGIN = [...PASSWORD, ...ADMIN];
const NO_REGION = { aws_region: null };
const says = (status: number, message: string): Fault => ({
  kind: "answer",
  status,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ status: { error: true, code: status, type: "x", message } }),
});
const sts = (code: string, message: string): Fault => ({
  kind: "answer",
  status: code === "AccessDenied" ? 403 : 400,
  headers: { "Content-Type": "text/xml" },
  body:
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
    `<Message>${message}</Message></Error><RequestId>c7a2f1b0-3d4e-4f5a-9b6c-7d8e9f0a1b2c</RequestId></ErrorResponse>`,
});
/** A cache whose assertion ended an hour ago. */
function expired(simulator: Simulator) {
  simulator.set({ saml: { ageMs: 60 * 60_000 } });
  const files = samlCache(simulator.issueAssertion());
  simulator.set({ saml: {} });
  return files;
}

const CASES: readonly Case[] = [
  // Options and files
  { name: "all by options", args: LOGIN, world: PLAIN },
  { name: "--help", args: ["--help"] },
  { name: "an unknown option", args: ["--nonsense"] },
  { name: "a number that is none", args: ["-z", "abc"] },
  {
    name: "abbreviations and attached values",
    args: ["--onelogin-passw=" + ADA.password, ...ADMIN, "-a123456", "--prof", "dev"],
    world: PLAIN,
  },
  { name: "-xz 900 with the end of input", args: [...LOGIN, "-xz", "900"], world: PLAIN },
  { name: "-z 100", args: [...LOGIN, "-z", "100"], world: PLAIN },
  { name: "-z 100000", args: [...LOGIN, "-z", "100000"], world: PLAIN },
  { name: "-l 0", args: [...LOGIN, "-l", "0"], world: PLAIN },

  { name: "--ip", args: [...LOGIN, "--ip", "192.0.2.7"], world: PLAIN },
  { name: "--saml-api-version 2", args: [...LOGIN, "--saml-api-version", "2"], world: PLAIN },
  {
    name: "-c with a folder",
    args: [...LOGIN, "-c", "conf"],
    world: PLAIN,
    files: () => ({ "conf/onelogin.aws.json": AWS({ profile: "inconf" }) }),
  },
  {
    name: "-c with a file",
    args: [...LOGIN, "-c", "conf/onelogin.aws.json"],
    world: PLAIN,
    files: () => ({ "conf/onelogin.aws.json": AWS({ profile: "inconf" }) }),
  },
  { name: "-c with a missing folder", args: [...LOGIN, "-c", "nowhere"], world: PLAIN },
  {
    name: "onelogin.aws.json in the working folder",
    args: LOGIN,
    world: PLAIN,
    cwd: "work",
    files: () => ({ "work/onelogin.aws.json": AWS({ profile: "here" }) }),
  },
  {
    name: "profile over top level",
    args: [...PASSWORD, "-p", "dev"],
    world: PLAIN,
    aws: {
      aws_account_id: "123456789012",
      aws_role_name: "Admin",
      profiles: { dev: { aws_account_id: "987654321098", aws_role_name: "ReadOnly" } },
    },
  },
  { name: "-p saves", args: [...LOGIN, "-p", "dev"], world: PLAIN },
  { name: "-f saves default", args: [...LOGIN, "-f", "creds"], world: PLAIN },
  {
    name: "accounts.yaml",
    args: PASSWORD,
    stdin: ["0"],
    world: PLAIN,
    files: () => ({ ".onelogin/accounts.yaml": 'accounts:\n  "123456789012": dev\n' }),
  },
  { name: "no client id", args: LOGIN, world: PLAIN, files: () => ({ ".onelogin/onelogin.sdk.json": "{}" }) },
  { name: "a wrong client secret", args: ["-i", DEMO_SCENARIO.clientId, "-s", "wrong", ...LOGIN], world: PLAIN },

  // Questions
  {
    name: "all from the pipe",
    args: [],
    stdin: [ADA.email, ADA.password, "123456", "acme", "0", ""],
    world: PLAIN,
    aws: { app_id: null, subdomain: null, username: null, ...NO_REGION },
  },
  { name: "password and role from the pipe", args: [], stdin: [ADA.password, "3"], world: PLAIN },
  { name: "region from the pipe", args: LOGIN, stdin: ["eu-west-1"], world: PLAIN, aws: NO_REGION },
  {
    name: "region from the pipe with AWS_REGION",
    args: LOGIN,
    stdin: ["eu-west-1"],
    env: { AWS_REGION: "eu-north-1" },
    world: PLAIN,
    aws: NO_REGION,
  },
  { name: "--role_order", args: [...PASSWORD, "--role_order"], stdin: ["1"], world: PLAIN },
  { name: "a number out of the list, then one in it", args: PASSWORD, stdin: ["9", "x", "2"], world: PLAIN },
  { name: "the account alone", args: [...PASSWORD, "--aws-account-id", "210987654321"], stdin: ["4"], world: PLAIN },
  {
    name: "a role that does not exist",
    args: [...PASSWORD, "--aws-account-id", "123456789012", "--aws-role-name", "Nobody"],
    stdin: ["0"],
    world: PLAIN,
  },
  { name: "one role only", args: PASSWORD, world: { ...PLAIN, roles: [role("123456789012", "Admin")] } },
  {
    name: "one role only, another account asked for",
    args: [...PASSWORD, "--aws-account-id", "999999999999"],
    world: { ...PLAIN, roles: [role("123456789012", "Admin")] },
  },
  {
    name: "two providers for one role",
    args: PASSWORD,
    stdin: ["1"],
    world: {
      ...PLAIN,
      roles: [
        role("123456789012", "Admin"),
        role("123456789012", "Admin", { providerArn: "arn:aws:iam::123456789012:saml-provider/Other" }),
        role("123456789012", "Dev"),
        role("987654321098", "Ops"),
      ],
    },
  },
  {
    name: "provider in front of its role",
    args: PASSWORD,
    stdin: ["0"],
    world: {
      ...PLAIN,
      roles: [role("123456789012", "Admin", { order: "provider-first" }), role("123456789012", "Dev")],
    },
  },
  {
    name: "no role, another user",
    args: PASSWORD,
    stdin: ["y", BOB.email, BOB.password],
    world: { ...PLAIN, roles: [], saml: { roleAttribute: "absent" } },
  },
  {
    name: "no role, no other user",
    args: PASSWORD,
    stdin: ["n"],
    world: { ...PLAIN, roles: [], saml: { roleAttribute: "absent" } },
  },
  { name: "the end of input at the role", args: PASSWORD, stdin: [], world: PLAIN },

  // What OneLogin refuses
  { name: "a wrong password, then the right one", args: ADMIN, stdin: ["wrong", ADA.password], world: PLAIN },
  { name: "a wrong subdomain, then the right one", args: [...LOGIN, "-d", "other"], stdin: ["acme"], world: PLAIN },
  { name: "a wrong app id", args: [...LOGIN, "-a", "1"], world: PLAIN },
  {
    name: "an unknown 401",
    args: LOGIN,
    world: { ...PLAIN, trouble: { assertion: [says(401, "Authentication Failed: not today")] } },
  },
  { name: "HTTP 500 at the sign-in", args: LOGIN, world: { ...PLAIN, trouble: { assertion: ["error-500-html"] } } },
  { name: "a locked user", args: LOGIN, world: with_([], { locked: true }) },

  // The second factor
  { name: "a push that is approved", args: LOGIN, world: { ...with_([PROTECT]), push: { approveAfterPolls: 1 } } },
  {
    name: "a push that is rejected, then its code",
    args: LOGIN,
    stdin: [PROTECT.code!],
    world: { ...with_([PROTECT]), push: { rejectAfterPolls: 1 } },
  },
  {
    name: "a push that fails with 500, then its code",
    args: LOGIN,
    stdin: [PROTECT.code!],
    world: { ...with_([PROTECT]), trouble: { "verify-factor": ["error-500-html"] } },
  },
  {
    name: "a push that fails with 400, then its code",
    args: LOGIN,
    stdin: [PROTECT.code!],
    world: { ...with_([PROTECT]), trouble: { "verify-factor": [says(400, "bad request")] } },
  },
  {
    name: "--otp with Protect",
    args: [...LOGIN, "--otp", PROTECT.code!],
    world: { ...with_([PROTECT]), push: { rejectAfterPolls: 1 } },
  },
  { name: "an authenticator code", args: LOGIN, stdin: [AUTHENTICATOR.code!], world: with_([AUTHENTICATOR]) },
  {
    name: "two wrong codes, then the right one",
    args: LOGIN,
    stdin: ["1", "2", AUTHENTICATOR.code!],
    world: with_([AUTHENTICATOR]),
  },
  {
    name: "a code refused with 400 Invalid otp_token",
    args: LOGIN,
    stdin: ["1", AUTHENTICATOR.code!],
    world: { ...with_([AUTHENTICATOR]), trouble: { "verify-factor": [says(400, "Invalid otp_token")] } },
  },
  {
    name: "a code refused with 422",
    args: LOGIN,
    stdin: ["1", AUTHENTICATOR.code!],
    world: { ...with_([AUTHENTICATOR]), trouble: { "verify-factor": [says(422, "otp_token")] } },
  },
  {
    name: "five wrong codes, then another device",
    args: LOGIN,
    stdin: ["0", "1", "2", "3", "4", "5", "y", "1", SMS.code!],
    world: with_([AUTHENTICATOR, SMS]),
  },
  { name: "an SMS", args: LOGIN, stdin: [SMS.code!], world: with_([SMS]) },
  {
    name: "a device by its number",
    args: LOGIN,
    stdin: ["1", AUTHENTICATOR.code!],
    world: with_([PROTECT, AUTHENTICATOR]),
  },
  {
    name: "a device by its number in the account's list",
    args: LOGIN,
    stdin: ["1", AUTHENTICATOR.code!],
    world: { ...with_([PROTECT, { ...SMS, active: false }, AUTHENTICATOR]), scope: "read-users" },
  },
  {
    name: "a second device that cannot be used",
    args: LOGIN,
    stdin: ["1", AUTHENTICATOR.code!],
    world: with_([{ id: 1, type: "WebAuthn" }, AUTHENTICATOR]),
  },

  // AWS
  {
    name: "not authorized, then another user",
    args: [...PASSWORD, "-p", "dev"],
    stdin: ["0", "n", BOB.email, BOB.password, "3"],
    world: {
      ...PLAIN,
      trouble: { AssumeRoleWithSAML: [sts("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")] },
    },
  },
  {
    name: "not authorized without a profile",
    args: PASSWORD,
    stdin: ["0", BOB.email, BOB.password, "3"],
    world: {
      ...PLAIN,
      trouble: { AssumeRoleWithSAML: [sts("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")] },
    },
  },
  {
    name: "Request ARN is invalid",
    args: PASSWORD,
    stdin: ["0", "3"],
    world: { ...PLAIN, trouble: { AssumeRoleWithSAML: [sts("ValidationError", "Request ARN is invalid")] } },
  },
  {
    name: "Request ARN is invalid with a profile",
    args: [...PASSWORD, "-p", "dev"],
    stdin: ["0", "n", "3"],
    world: { ...PLAIN, trouble: { AssumeRoleWithSAML: [sts("ValidationError", "Request ARN is invalid")] } },
  },
  {
    name: "the duration exceeds the role's",
    args: [...LOGIN, "-z", "7200"],
    stdin: ["3600"],
    world: { ...PLAIN, roleRules: { "arn:aws:iam::123456789012:role/Admin": { maxSessionDuration: 3600 } } },
  },

  // -x
  { name: "-x and no more", args: [...PASSWORD, "-x"], stdin: ["0", "n", "n"], world: PLAIN },
  { name: "-x, another role", args: [...PASSWORD, "-x"], stdin: ["0", "y", "3", "n", "n"], world: PLAIN },
  {
    name: "-x, another role and region",
    args: [...PASSWORD, "-x"],
    stdin: ["0", "eu-west-1", "y", "3", "eu-west-2", "n", "n"],
    world: PLAIN,
    aws: NO_REGION,
  },
  {
    name: "-x -p, another role, a new profile",
    args: [...PASSWORD, "-x", "-p", "dev"],
    stdin: ["0", "y", "y", "second", "3", "n", "n"],
    world: PLAIN,
  },
  {
    name: "-x -p, another role, the same profile",
    args: [...PASSWORD, "-x", "-p", "dev"],
    stdin: ["0", "y", "n", "3", "n", "n"],
    world: PLAIN,
  },
  {
    name: "-x, another user",
    args: [...PASSWORD, "-x"],
    stdin: ["0", "n", "y", BOB.email, BOB.password, "3", "n", "n"],
    world: PLAIN,
  },
  {
    name: "-x -p, another user",
    args: [...PASSWORD, "-x", "-p", "dev"],
    stdin: ["0", "n", "y", "y", "second", BOB.email, BOB.password, "3", "n", "n"],
    world: PLAIN,
  },

  // --cache-saml
  { name: "--cache-saml writes", args: [...LOGIN, "--cache-saml"], world: PLAIN },
  {
    name: "--cache-saml writes the second factor",
    args: [...LOGIN, "--cache-saml"],
    stdin: [AUTHENTICATOR.code!],
    world: with_([AUTHENTICATOR]),
  },
  {
    name: "--cache-saml, valid",
    args: ["--cache-saml"],
    stdin: ["3", "eu-west-1"],
    world: PLAIN,
    aws: { app_id: null, subdomain: null, username: null, ...NO_REGION },
    files: (simulator) => samlCache(simulator.issueAssertion()),
  },
  {
    name: "--cache-saml, expired, y",
    args: ["--cache-saml"],
    stdin: ["y", ADA.password, "acme", "3", "eu-west-1"],
    world: PLAIN,
    aws: { app_id: null, subdomain: null, username: null, ...NO_REGION },
    files: expired,
  },
  {
    name: "--cache-saml, expired, n",
    args: ["--cache-saml"],
    stdin: ["n", ADA.email, ADA.password, "123456", "acme", "3", "eu-west-1"],
    world: PLAIN,
    aws: { app_id: null, subdomain: null, username: null, ...NO_REGION },
    files: expired,
  },
  {
    name: "--cache-saml, none",
    args: ["--cache-saml"],
    stdin: [ADA.email, ADA.password, "123456", "acme", "3", "eu-west-1"],
    world: PLAIN,
    aws: { app_id: null, subdomain: null, username: null, ...NO_REGION },
  },

  // --credential-process
  { name: "--credential-process", args: [...LOGIN, "--credential-process"], world: PLAIN },
  { name: "--credential-process -f", args: [...LOGIN, "--credential-process", "-f", "x"], world: PLAIN },
  { name: "--credential-process -l 2", args: [...LOGIN, "--credential-process", "-l", "2"], world: PLAIN },
  { name: "--credential-process -x", args: [...LOGIN, "--credential-process", "-x"], world: PLAIN },
];

function AWS(more: Readonly<Record<string, unknown>> = {}): string {
  const all = { app_id: "123456", subdomain: "acme", username: ADA.email, aws_region: "us-east-1", ...more };
  return JSON.stringify(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)));
}

// --- Running --------------------------------------------------------------------------------------------------------

/**
 * What a run did, in words that are the same for both tools. Left out: the version of OneLogin's API (1 there, 2 here) and
 * the keys `x_…` and `aws_account_id`, which only this program writes.
 */
type Seen = Readonly<Record<"exit" | "sign-in" | "factor" | "roles" | "stdout" | "files", string>>;

async function runCase(each: Case, command: readonly string[], patch: string): Promise<{ seen: Seen; output: string }> {
  await using simulator = await startSimulator({ ...each.world });
  const home = await Deno.makeTempDir({ prefix: "compare_" });
  const files = {
    ".onelogin/onelogin.sdk.json": JSON.stringify({
      client_id: DEMO_SCENARIO.clientId,
      client_secret: DEMO_SCENARIO.clientSecret,
      region: "us",
    }),
    ".onelogin/onelogin.aws.json": AWS(each.aws),
    ...each.files?.(simulator),
  };
  const cwd = `${home}/${each.cwd ?? "work"}`;
  await Deno.mkdir(cwd, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${home}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(`${home}/${path}`, text, { mode: 0o600 });
  }
  if (each.cwd === undefined) {
    for (const name of ["conf"]) {
      if (await Deno.stat(`${home}/${name}`).catch(() => undefined)) {
        await Deno.rename(`${home}/${name}`, `${cwd}/${name}`);
      }
    }
  }
  const child = new Deno.Command("setsid", {
    args: ["-w", ...command, ...each.args],
    cwd,
    clearEnv: true,
    env: {
      ...simulator.env,
      PATH: Deno.env.get("PATH") ?? "",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      HOME: home,
      PYTHONPATH: patch,
      PYTHONUNBUFFERED: "1",
      NO_PROXY: "127.0.0.1",
      ...each.env,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    Deno.kill(child.pid, "SIGKILL");
  }, TIMEOUT_MS);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode((each.stdin ?? []).map((line) => `${line}\n`).join(""))).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const seen = await look(simulator, home, cwd, late ? "does not end" : String(code), decode(stdout));
  await Deno.remove(home, { recursive: true });
  return { seen, output: `${decode(stdout)}\n--- stderr\n${decode(stderr)}` };
}

async function look(simulator: Simulator, home: string, cwd: string, exit: string, stdout: string): Promise<Seen> {
  const factor = simulator.to("verify-factor").map(({ keys, fields, status }) => {
    const what = keys.includes("otp_token") ? "code" : fields["do_not_notify"] === true ? "poll" : "notify";
    return `${fields["device_id"]} ${what} ${status}`;
  });
  return {
    exit,
    "sign-in": simulator.to("assertion").map(({ fields, status }) => `${fields["username_or_email"]} ${status}`).join(
      ", ",
    ),
    factor: factor.filter((each, index) => each !== factor[index - 1]).join(", "),
    roles: simulator.to("AssumeRoleWithSAML").map(({ fields, status }) =>
      `${String(fields["RoleArn"]).replace(/^arn:aws:iam::/, "")} ${
        String(fields["PrincipalArn"]).replace(/.*saml-provider\//, "")
      } ${fields["DurationSeconds"]} s ${status}`
    ).join(", "),
    stdout: [
      ...new Set(
        [...stdout.matchAll(/^(?:export|set) (\w+)=|"(\w+)":/gm)].map(([, variable, key]) => variable ?? key),
      ),
    ].sort().join(" ") + (/AWS_REGION=(\S+)/.exec(stdout)?.[1] ?? ""),
    files: [
      ...(await profiles(`${home}/.aws/credentials`)),
      ...(await profiles(`${cwd}/creds`)),
      ...(await members(`${home}/.aws/saml_cache.txt`)),
    ].join(", "),
  };
}

async function profiles(path: string): Promise<readonly string[]> {
  const text = await Deno.readTextFile(path).catch(() => "");
  const sections = text.split(/^(?=\[)/m).filter((section) => section.startsWith("["));
  return sections.map((section) => {
    const keys = [...section.matchAll(/^((?!x_|aws_account_id)\w+)\s*=/gm)].map(([, key]) => key).sort().join(" ");
    return `${section.slice(0, section.indexOf("]") + 1)} ${keys} ${/region = (\S+)/.exec(section)?.[1] ?? ""}`;
  });
}

async function members(path: string): Promise<readonly string[]> {
  const text = await Deno.readTextFile(path).catch(() => undefined);
  return text === undefined ? [] : [`cache: ${Object.keys(JSON.parse(text)).sort().join(" ")}`];
}

async function main([reference, word]: readonly string[]): Promise<void> {
  if (reference === undefined) throw new Error("usage: deno run -A scripts/compare_reference.ts PYTHON_TOOL [WORD]");
  const patch = await Deno.makeTempDir({ prefix: "compare_patch_" });
  await Deno.writeTextFile(`${patch}/sitecustomize.py`, PATCH);
  const bin = Deno.env.get("OLAWS_BIN");
  const main = new URL("main.ts", ROOT).pathname;
  const ours = bin ? [bin] : [Deno.execPath(), "run", ...shippedFlags(), main];
  let same = 0;
  const chosen = CASES.filter(({ name }) => word === undefined || name.includes(word));
  try {
    for (const each of chosen) {
      const [theirs, mine] = await Promise.all([runCase(each, [reference], patch), runCase(each, ours, patch)]);
      const fields = (Object.keys(theirs.seen) as (keyof Seen)[]).filter((key) => theirs.seen[key] !== mine.seen[key]);
      if (fields.length === 0) same++;
      console.log(`${fields.length === 0 ? "same     " : "DIFFERENT"} ${each.name}`);
      for (const key of fields) {
        console.log(
          `            ${key}: ${theirs.seen[key] || "none"}\n${" ".repeat(12 + key.length)}→ ${
            mine.seen[key] || "none"
          }`,
        );
      }
      if (word !== undefined) console.log(`=== ${reference}\n${theirs.output}\n=== ours\n${mine.output}`);
    }
  } finally {
    await Deno.remove(patch, { recursive: true });
  }
  console.log(
    `\n${chosen.length} command lines, ${same} the same. The Python tool's come first, this program's after the arrow.`,
  );
}

await main(Deno.args);
