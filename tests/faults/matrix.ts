/**
 * Every request of the program under every fault: the program itself in this process, with its real HTTP client, against
 * the simulator. Only the disk, the terminal and the waits are not real.
 */
import { readCommandLine } from "../../src/argv/parse.ts";
import { ADA, AUTHENTICATOR, PROTECT } from "../../simulator/demo_world.ts";
import { type Recorded, type Scenario, startSimulator } from "../../simulator/server.ts";
import { run } from "../../src/commands/run.ts";
import type { Clock, Http, HttpRequest } from "../../src/io/deps.ts";
import { realHttp } from "../../src/io/http.ts";
import { CLOSED_PORT, fakeDeps, fakeFiles, fakeTerminal } from "../../src/testing.ts";
import { defaultFiles, leaks } from "../harness.ts";
import { type Fault, FAULTS } from "./faults.ts";

const HOME = "/home/ada";
const CREDENTIALS = `${HOME}/.aws/credentials`;
/** Milliseconds that a slow request is waited for here; long enough for any answer of the simulator that is whole. */
const SLOW_MS = 400;

/** What is looked at to tell requests apart. */
type Seen = Pick<Recorded, "path" | "fields" | "keys">;

/** One request of the program, and a run that sends it. */
export interface Target {
  readonly name: string;
  readonly is: (request: Seen) => boolean;
  readonly args: readonly string[];
  readonly scenario: Partial<Scenario>;
  /** Logs in and saves the profile "old" before; that run is a sound one. */
  readonly before?: boolean;
  /** Exit code when the service refuses. */
  readonly refused: number;
  /** Exit code after HTTP 404, if that is not a refusal. */
  readonly notFound?: number;
  /** The request is a convenience: nothing that happens to it may end the run. */
  readonly optional?: boolean;
}

const WISH = ["--aws-account-id", "123456789012", "--aws-role-name", "Admin"];
const LOGIN = ["--no-input", "--verbose", ...WISH];
const alone = { users: [{ ...ADA, devices: [] }] };
const devices = (...list: readonly typeof PROTECT[]) => ({ users: [{ ...ADA, devices: list }] });
const action = (name: string) => ({ fields }: Seen) => fields["Action"] === name;
const verify = (path: string) => path.endsWith("/verify_factor");

export const TARGETS: readonly Target[] = [
  {
    name: "access token",
    is: ({ path }) => path.endsWith("/token"),
    args: [...LOGIN, "--profile", "new"],
    scenario: alone,
    refused: 3,
  },
  {
    name: "user and password",
    is: ({ path }) => path.endsWith("/saml_assertion"),
    args: [...LOGIN, "--profile", "new"],
    scenario: alone,
    refused: 3,
  },
  {
    name: "user and password (API version 1)",
    is: ({ path }) => path.endsWith("/saml_assertion"),
    args: [...LOGIN, "--profile", "new", "--saml-api-version", "1"],
    scenario: alone,
    refused: 3,
  },
  {
    name: "device names",
    is: ({ path }) => path.endsWith("/otp_devices"),
    args: [...LOGIN, "--profile", "new", "--mfa-device", String(AUTHENTICATOR.id), "--otp", AUTHENTICATOR.code ?? ""],
    scenario: { ...devices(PROTECT, AUTHENTICATOR), scope: "read-users" },
    refused: 0,
    optional: true,
  },
  {
    name: "push: send",
    is: ({ path, fields }) => verify(path) && fields["do_not_notify"] === false,
    args: [...LOGIN, "--profile", "new"],
    scenario: { ...devices(PROTECT), push: { approveAfterPolls: 1 } },
    refused: 4,
  },
  {
    name: "push: approved?",
    is: ({ path, fields }) => verify(path) && fields["do_not_notify"] === true,
    args: [...LOGIN, "--profile", "new"],
    scenario: { ...devices(PROTECT), push: { approveAfterPolls: 5 } },
    refused: 4,
  },
  {
    name: "code",
    is: ({ path, keys }) => verify(path) && keys.includes("otp_token"),
    args: [...LOGIN, "--profile", "new", "--otp", AUTHENTICATOR.code ?? ""],
    scenario: devices(AUTHENTICATOR),
    refused: 4,
  },
  {
    name: "early connection to STS",
    is: ({ path, keys }) => path === "/" && keys.length === 0,
    args: [...LOGIN, "--profile", "new"],
    scenario: alone,
    refused: 0,
    optional: true,
  },
  {
    name: "AssumeRoleWithSAML",
    is: action("AssumeRoleWithSAML"),
    args: [...LOGIN, "--profile", "new"],
    scenario: alone,
    refused: 6,
  },
  {
    name: "AssumeRole (chain)",
    is: action("AssumeRole"),
    args: [...LOGIN, "--profile", "new", "--chain-role-arn", "arn:aws:iam::210987654321:role/Deploy"],
    scenario: alone,
    refused: 6,
  },
  {
    name: "GetCallerIdentity (status --verify)",
    is: action("GetCallerIdentity"),
    args: ["status", "--verify", "--verbose"],
    scenario: alone,
    before: true,
    refused: 6,
  },
  {
    name: "sign-in token (console)",
    is: action("getSigninToken"),
    args: ["console", ...LOGIN],
    scenario: alone,
    refused: 6,
    notFound: 7,
  },
];

export interface Cell {
  readonly code: number;
  /** Without the program's name; undefined for a run that succeeded. */
  readonly error: string | undefined;
  /** Broken rules, in words; empty when all is well. */
  readonly wrong: readonly string[];
  /** How often the request was sent. */
  readonly sent: number;
}

/** Runs one cell. `times` is how many of the target's requests meet the fault. */
export async function runCell(target: Target, fault: Fault, times: number): Promise<Cell> {
  let met = 0;
  let sent = 0;
  const strike = () => met < times ? (met++, true) : false;
  await using simulator = await startSimulator({
    ...target.scenario,
    faults: (request) => fault.wire && armed && target.is(request) && strike() ? fault.wire(request) : undefined,
  });
  let armed = false;
  const places = { closedPort: CLOSED_PORT, plainPort: servePlain() };
  const real = realHttp();
  const troubled = <Request extends Pick<HttpRequest, "url" | "body" | "timeoutMs">>(request: Request): Request => {
    if (!armed || !target.is(seen(request))) return request;
    sent++;
    // What the simulator does is decided there, from the same count.
    const elsewhere = fault.elsewhere && strike() ? fault.elsewhere(places) : undefined;
    return {
      ...request,
      ...(elsewhere === undefined ? {} : { url: elsewhere + new URL(request.url).pathname }),
      timeoutMs: fault.slow && met < times ? SLOW_MS : request.timeoutMs,
    };
  };
  const http: Http = {
    send: (request) => real.send(troubled(request)),
    open: (request) => real.open(troubled(request)),
  };
  const files = fakeFiles(
    Object.fromEntries(
      Object.entries(defaultFiles).map((
        [path, text],
      ) => [`${HOME}/${path}`, typeof text === "string" ? text : text.text]),
    ),
  );
  files.contents.set(CREDENTIALS, "[kept]\nregion = eu-west-1\n");
  const terminal = fakeTerminal();
  const start = async (args: readonly string[]) => {
    simulator.beginRun();
    return await run(fakeDeps({
      commandLine: readCommandLine(args),
      env: { ...simulator.env, HOME, ONELOGIN_PASSWORD: ADA.password },
      cwd: "/work",
      clock: hurriedClock(),
      http,
      files,
      terminal,
    }));
  };
  if (target.before) {
    const code = await start([...LOGIN, "--profile", "old"]);
    if (code !== 0) throw new Error(`the sound run ended with ${code}: ${terminal.err}`);
    terminal.out = terminal.err = "";
  }
  armed = true;
  const posts = simulator.passwordPosts;
  const saved = files.contents.get(CREDENTIALS);
  const code = await start(target.args);
  const error = /^onelogin-aws-assume-role: error: (.*)$/m.exec(terminal.err)?.[1];
  const wrong: string[] = [];
  const rule = (holds: boolean, words: string) => holds || wrong.push(words);
  rule(met > 0, "the fault was not met");
  rule(code !== 1, "a bug");
  rule(!/^ {4}at |bug in onelogin/m.test(terminal.err), "a stack");
  rule(simulator.passwordPosts - posts <= (target.before ? 0 : 1), "the password was posted again");
  rule(simulator.unexpected.length === 0, `unexpected: ${simulator.unexpected.join("; ")}`);
  // deno-lint-ignore no-control-regex
  rule(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(terminal.err), "a control character of the server");
  rule(leaks(terminal.err, simulator.secrets, []).length === 0, "a secret on stderr");
  rule(code === 0 || error !== undefined, "no error line");
  rule(code === 0 || /^onelogin-aws-assume-role: hint: \S/m.test(terminal.err), "no hint");
  if (code !== 0) {
    rule(files.contents.get(CREDENTIALS) === saved, "the credentials file has changed");
    rule(leaks(terminal.out, simulator.secrets, []).length === 0, "a secret on stdout");
    if (target.args[0] !== "status") rule(terminal.out === "", "something on stdout");
  }
  const refused = fault.name === "HTTP 404" ? target.notFound ?? target.refused : target.refused;
  const due = target.optional ? 0 : fault.meaning === "refused" ? refused : 7;
  rule(code === due || (code === 0 && times < Infinity), `the code should be ${due}`);
  return { code, error, wrong, sent };
}

/** A request of the program, seen as the simulator would. */
function seen({ url, body = "" }: Pick<HttpRequest, "url" | "body">): Seen {
  const { pathname } = new URL(url);
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(body);
  } catch {
    fields = Object.fromEntries(new URLSearchParams(body));
  }
  return { path: pathname, fields, keys: Object.keys(fields) };
}

/** The wall clock with waits that hardly wait, and that count as if they had. */
function hurriedClock(): Clock {
  let skipped = 0;
  return {
    now: () => Date.now() + skipped,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => reject(signal?.reason);
        signal?.addEventListener("abort", stop, { once: true });
        setTimeout(() => {
          skipped += ms;
          signal?.removeEventListener("abort", stop);
          resolve();
        }, 2);
      }),
  };
}

let plain: Deno.TcpListener | undefined;

function servePlain(): number {
  if (plain === undefined) {
    plain = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    void (async (listener) => {
      for await (const connection of listener) {
        await connection.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n")).catch(() => {});
        connection.close();
      }
    })(plain).catch(() => {});
  }
  return plain.addr.port;
}

/** Frees what the cells share. */
export function endMatrix(): void {
  plain?.close();
  plain = undefined;
}

/** A request under a fault that strikes each of its tries, and under one that strikes the first. */
export interface Pair {
  readonly fault: Fault;
  readonly target: Target;
  readonly always: Cell;
  readonly once: Cell;
}

/** The matrix, one fault after the other: of each row and column every cell, or one in `every`. */
export async function runMatrix(every = 1, onPair: () => void = () => {}): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (const [row, fault] of FAULTS.entries()) {
    const targets = TARGETS.filter((_, column) => (row + column) % every === 0);
    for (const some of chunks(targets, fault.name === "100 MB" ? 2 : targets.length)) {
      pairs.push(
        ...await Promise.all(some.map(async (target) => {
          const always = await runCell(target, fault, Infinity);
          const once = await runCell(target, fault, 1);
          onPair();
          return { fault, target, always, once };
        })),
      );
    }
  }
  return pairs;
}

function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from(
    { length: Math.ceil(list.length / size) },
    (_, index) => list.slice(index * size, (index + 1) * size),
  );
}

/** What broke a rule, one line each. */
export function broken(pairs: readonly Pair[]): readonly string[] {
  return pairs.flatMap(({ fault, target, always, once }) =>
    Object.entries({ always, once }).flatMap(([when, { wrong, code, error }]) =>
      wrong.map((words) => `${fault.name} / ${target.name} / ${when}: ${words} (${code} ${error})`)
    )
  );
}
