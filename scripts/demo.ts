/**
 * A login from the first prompt to proven keys, on a loopback simulator. `deno task demo [--interactive | --browser]`
 *
 * The program is run as it ships: in a process of its own with the permissions of the `start` task (or as the executable
 * that `OLAWS_BIN` names), in a home folder that is made for the demo and removed afterwards.
 */
import { parseArgs } from "node:util";
import { getCallerIdentity } from "../src/aws/sts.ts";
import type { Credentials } from "../src/aws/credentials.ts";
import { profileCredentials } from "../src/aws/files/credentials_file.ts";
import { realClock } from "../src/io/clock.ts";
import { realHttp } from "../src/io/http.ts";
import { ACCOUNTS, ADA, DEMO_SCENARIO, PROTECT } from "../simulator/demo_world.ts";
import { type Simulator, startSimulator } from "../simulator/server.ts";
import { ROOT, shippedFlags } from "./start_task.ts";
import { PROGRAM as NAME } from "../src/version.ts";

const REGION = "us-east-1";
const CHOICES = ["--mfa-device", PROTECT.type, "--aws-account-id", ACCOUNTS.dev, "--aws-role-name", "Developer"];

const colours = Deno.stdout.isTerminal() && !Deno.noColor;
const paint = (code: number, text: string) => colours ? `\x1b[${code}m${text}\x1b[0m` : text;
const bold = (text: string) => paint(1, text);
const dim = (text: string) => paint(2, text);
const say = (text = "") => console.log(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Where the program runs, and what its runs have in common. */
interface Stage {
  readonly simulator: Simulator;
  readonly home: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
}

async function main(): Promise<number> {
  const off = { type: "boolean", default: false } as const;
  const { values } = parseArgs({ args: [...Deno.args], options: { interactive: off, browser: off } });
  const { interactive, browser } = values;
  if (interactive && !(Deno.stdin.isTerminal() && Deno.stderr.isTerminal())) {
    console.error(`demo: error: "--interactive" needs a terminal\ndemo: hint: deno task demo`);
    return 2;
  }
  const home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "onelogin-aws-demo-" }));
  // Ctrl-C goes to the program and to this process; the program answers it, and the folder is removed here.
  Deno.addSignalListener("SIGINT", () => {});
  await using simulator = await startSimulator({ push: { approveAfterMs: 2000 } });
  try {
    const stage: Stage = { simulator, home, command: await programCommand(), env: await environment(home, simulator) };
    say(bold(`${NAME}: demo`));
    say(`OneLogin and AWS are simulated on ${simulator.url}.`);
    say("Every name, password and key on this screen belongs to the simulator.");
    say(dim(`HOME is ${home} and is removed at the end.`));
    if (browser) return await browserDemo(stage);
    return interactive ? await interactiveDemo(stage) : await scriptedDemo(stage);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

// ---- The two demos --------------------------------------------------------------------------------------------------

async function scriptedDemo(stage: Stage): Promise<number> {
  const started = Date.now();
  configure(stage, { username: ADA.email, aws_region: REGION });
  const password = { ONELOGIN_PASSWORD: ADA.password };

  heading(1, "Log in, approve on the phone, save a profile");
  say(dim(`  the simulated phone approves after two seconds; ONELOGIN_PASSWORD is set`));
  const saved = await run(stage, ["--profile", "dev", ...CHOICES], password);
  if (!passed(saved.code)) return 1;

  heading(2, "What is on the disk");
  showHome(stage.home);

  heading(3, "Lines for this shell");
  const shell = await run(stage, ["--output", "env", ...CHOICES], password, {
    show: (line) => line.replace(/^(export \w*(?:SECRET|TOKEN)\w*=.{12}).*/, "$1…"),
    typed: (line) => `eval "$(${line})"`,
  });
  if (!passed(shell.code)) return 1;

  heading(4, "Do the keys work? Each signs a GetCallerIdentity for the simulated AWS");
  const identities = await proveProfile(stage, "dev") &&
    await prove(stage, "the shell lines", fromExports(shell.stdout));
  if (!identities || !await proveWithAwsCli(stage, "dev")) return 1;
  if (!passed((await run(stage, ["status", "--verify"])).code)) return 1;

  return summary(stage, started);
}

async function interactiveDemo(stage: Stage): Promise<number> {
  const started = Date.now();
  configure(stage, {});
  say();
  say("It asks, you answer. What Ada Lovelace would type:");
  const devices = ADA.devices.map((device) => [device.type, device === PROTECT ? "approves after 2 s" : device.code]);
  const answers = [
    ["username", ADA.email],
    ["password", ADA.password],
    ["app id", DEMO_SCENARIO.apps[0]?.id ?? ""],
    ["subdomain", DEMO_SCENARIO.subdomain],
    ...devices,
  ];
  for (const [question, answer] of answers) say(`  ${`${question}`.padEnd(22)} ${bold(`${answer}`)}`);

  heading(1, "Log in and save a profile");
  const args = ["--profile", "dev"];
  say(`${dim("$")} ${bold(typed(args))}`);
  const { code } = await spawn(stage, args, {}, "inherit").status;
  if (!passed(code)) return 1;

  heading(2, "What is on the disk");
  showHome(stage.home);

  heading(3, "Do the keys work? They sign a GetCallerIdentity for the simulated AWS");
  if (!await proveProfile(stage, "dev") || !await proveWithAwsCli(stage, "dev")) return 1;
  return summary(stage, started);
}

/** A passkey in a chromium without a window, on a login page that checks its signature. */
async function browserDemo(stage: Stage): Promise<number> {
  const { findChromium, startChromium, startLoginPage } = await import("../tests/chromium.ts");
  const path = findChromium();
  if (path === undefined) return 2;
  const started = Date.now();
  configure(stage, { aws_region: REGION });
  await Deno.remove(`${stage.home}/.onelogin/onelogin.sdk.json`);
  await using page = startLoginPage(() => stage.simulator.issueAssertion());
  await using browser = await startChromium(path, page);
  const args = ["--browser", "--browser-port", `${browser.port}`, ...CHOICES.slice(2)];

  heading(1, "Sign in with a passkey: no API client, no password");
  say(dim("  Ada touches her key in the tab that opens"));
  const login = run(stage, [...args, "--profile", "dev"]);
  await browser.person.touchKey();
  if (!passed((await login).code)) return 1;
  ticked(`the login page checked ${page.signatures()} signature of the passkey`);

  heading(2, "Again, for the AWS CLI: her OneLogin session lives, so nobody has to do anything");
  const answer = await run(stage, ["credential-process", ...args, "--profile", "other"], {}, {
    show: (line) => `${line.slice(0, 40)}…`,
  });
  if (!passed(answer.code)) return 1;

  heading(3, "Do the keys work? They sign a GetCallerIdentity for the simulated AWS");
  if (!await proveProfile(stage, "dev") || !await proveWithAwsCli(stage, "dev")) return 1;
  if (page.aws.length > 0) return failed(`AWS's page received ${page.aws.join(", ")}`) ? 0 : 1;
  ticked("AWS's sign-in page received nothing");
  return summary(stage, started);
}

/** The files an administrator hands out; `more` goes into onelogin.aws.json. */
function configure(stage: Stage, more: Readonly<Record<string, string>>): void {
  const folder = `${stage.home}/.onelogin`;
  Deno.mkdirSync(folder, { mode: 0o700 });
  const { clientId, clientSecret, subdomain, apps } = DEMO_SCENARIO;
  const app = Object.keys(more).length === 0 ? {} : { app_id: apps[0]?.id ?? "", subdomain };
  const files = {
    "onelogin.sdk.json": { client_id: clientId, client_secret: clientSecret, region: "us", ip: "" },
    "onelogin.aws.json": { ...app, ...more },
  };
  for (const [name, content] of Object.entries(files)) {
    Deno.writeTextFileSync(`${folder}/${name}`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  }
}

// ---- Running the program --------------------------------------------------------------------------------------------

/** Runs the program without a terminal; shows what was typed, its messages as they come, and what it printed. */
async function run(
  stage: Stage,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  look: { readonly show?: (line: string) => string; readonly typed?: (line: string) => string } = {},
): Promise<Ran> {
  const { show = (line) => line, typed: wrap = (line) => line } = look;
  say(`${dim("$")} ${bold(wrap(typed(args)))}`);
  const child = spawn(stage, args, env, "piped");
  const stdout = new Response(child.stdout).text();
  let rest = "";
  for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) say(indented(line));
  }
  if (rest) say(indented(rest));
  const printed = await stdout;
  // A table keeps its columns: what does not fit is cut, not wrapped.
  for (const line of printed.split("\n").filter(Boolean).map(show)) {
    say(`  ${line.length > 78 ? `${line.slice(0, 77)}…` : line}`);
  }
  return { code: (await child.status).code, stdout: printed };
}

function spawn(
  stage: Stage,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  streams: "piped" | "inherit",
): Deno.ChildProcess {
  const [command = "", ...first] = stage.command;
  return new Deno.Command(command, {
    args: [...first, ...args],
    cwd: stage.home,
    env: { ...stage.env, ...env },
    clearEnv: true,
    stdin: streams === "piped" ? "null" : streams,
    stdout: streams,
    stderr: streams,
  }).spawn();
}

async function programCommand(): Promise<readonly string[]> {
  const binary = Deno.env.get("OLAWS_BIN");
  if (binary) return [Deno.realPathSync(binary)];
  const files = ["main.ts", "src/program.ts"].map((path) => decodeURIComponent(new URL(path, ROOT).pathname));
  const paths = Deno.build.os === "windows" ? files.map((path) => path.slice(1)) : files;
  // Its packages are fetched here, with this process's proxy and registry; the program itself knows neither.
  const { code } = await new Deno.Command(Deno.execPath(), { args: ["cache", "--quiet", ...paths] }).spawn().status;
  if (code !== 0) throw new Error("cannot fetch the program's packages");
  return [Deno.execPath(), "run", ...await shippedFlags(), paths[0] ?? ""];
}

/** Nothing of this shell's OneLogin or AWS settings reaches the program. */
async function environment(home: string, simulator: Simulator): Promise<Readonly<Record<string, string>>> {
  const kept = ["PATH", "TERM", "COLORTERM", "NO_COLOR", "LANG", "SystemRoot", "TEMP", "TMP", "PATHEXT"].flatMap(
    (name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    },
  );
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(decode(stdout));
  return {
    ...Object.fromEntries(kept),
    ...simulator.env,
    HOME: home,
    USERPROFILE: home,
    DENO_DIR: denoDir,
    DENO_NO_UPDATE_CHECK: "1",
  };
}

// ---- The proof ------------------------------------------------------------------------------------------------------

async function proveProfile(stage: Stage, profile: string): Promise<boolean> {
  const bytes = await Deno.readFile(`${stage.home}/.aws/credentials`);
  return await prove(stage, `profile "${profile}"`, profileCredentials(bytes, profile));
}

/** Signs a request with the keys; the simulator checks the signature as AWS does. */
async function prove(stage: Stage, whose: string, credentials: Credentials | undefined): Promise<boolean> {
  if (credentials === undefined) return failed(`${whose}: there are no keys`);
  const outcome = await getCallerIdentity(
    { http: realHttp(), clock: realClock(), random: Math.random, signal: AbortSignal.timeout(10_000) },
    { credentials, region: REGION, endpoint: stage.simulator.url, timeoutMs: 5000 },
  );
  if (outcome.kind !== "identity") return failed(`${whose}: AWS answered ${outcome.kind}`);
  ticked(`${whose}: ${outcome.arn}`);
  return true;
}

/** The AWS CLI as a second judge, where there is one. */
async function proveWithAwsCli(stage: Stage, profile: string): Promise<boolean> {
  // As an option, since versions before 2.13 do not know the variable for it.
  const where = ["--endpoint-url", stage.simulator.url, "--profile", profile, "--query", "Arn", "--output", "text"];
  const args = ["sts", "get-caller-identity", ...where];
  const env = {
    ...stage.env,
    AWS_REGION: REGION,
    AWS_SHARED_CREDENTIALS_FILE: `${stage.home}/.aws/credentials`,
    AWS_EC2_METADATA_DISABLED: "true",
  };
  try {
    const { code, stdout, stderr } = await new Deno.Command("aws", { args, env, clearEnv: true, stdin: "null" })
      .output();
    if (code !== 0) return failed(`aws sts get-caller-identity ended with ${code}: ${decode(stderr).trim()}`);
    ticked(`the AWS CLI: ${decode(stdout).trim()}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    say(dim("  - the AWS CLI is not installed here, so it was not asked"));
  }
  return true;
}

/** The keys that a shell would have after `eval`. */
function fromExports(text: string): Credentials | undefined {
  const value = (name: string) => text.match(new RegExp(`^export ${name}=(['"]?)(.*)\\1$`, "m"))?.[2];
  const accessKeyId = value("AWS_ACCESS_KEY_ID");
  const secretAccessKey = value("AWS_SECRET_ACCESS_KEY");
  const sessionToken = value("AWS_SESSION_TOKEN");
  if (!accessKeyId || !secretAccessKey || !sessionToken) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken, expiration: 0 };
}

// ---- The screen -----------------------------------------------------------------------------------------------------

function heading(number: number, text: string): void {
  say();
  say(bold(`${number}. ${text}`));
}

/** The command as it would be typed, an option and its value on one line where all of it is too long for one. */
function typed(args: readonly string[]): string {
  const words = args.map((arg) => /\s/.test(arg) ? `"${arg}"` : arg);
  const line = [NAME, ...words].join(" ");
  if (line.length <= 70) return line;
  return [NAME, ...words].reduce((text, word) => `${text}${word.startsWith("--") ? " \\\n    " : " "}${word}`);
}

/** Long lines continue below. */
function indented(line: string): string {
  const width = 74;
  const rows: string[] = [];
  let rest = line.trimEnd();
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const cut = space > 0 ? space : width;
    rows.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  return [...rows, rest].map((row, index) => index === 0 ? `  ${row}` : `    ${row}`).join("\n");
}

/** The files below the home with their modes; of each secret the beginning. */
function showHome(home: string): void {
  for (const path of filesBelow(home)) {
    const mode = Deno.lstatSync(`${home}/${path}`).mode;
    say(`  ${mode === null ? "" : `${(mode & 0o777).toString(8).padStart(4, "0")}  `}~/${path}`);
  }
  say();
  for (const line of Deno.readTextFileSync(`${home}/.aws/credentials`).trimEnd().split("\n")) {
    say(dim(`  | ${line.length > 64 ? `${line.slice(0, 63)}…` : line}`));
  }
}

function filesBelow(folder: string, prefix = ""): readonly string[] {
  return Array.from(Deno.readDirSync(folder)).sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) =>
    entry.isDirectory ? filesBelow(`${folder}/${entry.name}`, `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`]
  );
}

function ticked(what: string): void {
  const [first = "", ...more] = indented(what).split("\n");
  say([`  ${paint(32, "✓")}${first.slice(1)}`, ...more].join("\n"));
}

function passed(code: number): boolean {
  return code === 0 || failed(`the program ended with exit code ${code}`);
}

function failed(why: string): false {
  say(`  ${paint(31, "✗")} ${why}`);
  return false;
}

function summary({ simulator }: Stage, started: number): number {
  say();
  if (simulator.unexpected.length > 0) {
    failed(`the simulator saw what it should not have: ${simulator.unexpected.join("; ")}`);
    return 1;
  }
  const { length: requests } = simulator.requests;
  const logins = simulator.passwordPosts;
  say(
    bold(`Done in ${((Date.now() - started) / 1000).toFixed(0)} s.`) +
      ` ${requests} requests, the password sent ${
        logins === 1 ? "once" : logins === 2 ? "twice" : `${logins} times`
      }, ` +
      `${simulator.notifications} push${simulator.notifications === 1 ? "" : "es"}.`,
  );
  say("It ran with the shipped permissions: no subprocess, no other host, and nothing");
  say("written outside ~/.aws and ~/.onelogin.");
  return 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    console.error(`demo: error: ${error instanceof Error ? error.message : String(error)}`);
    Deno.exit(1);
  }
}
