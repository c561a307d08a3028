/** Where the runs take place: a home folder of their own, and the environments of the programs. */
import { join } from "node:path";
import { ACCOUNTS, ADA, DEMO_SCENARIO } from "../simulator/demo_world.ts";
import type { Scenario, Simulator } from "../simulator/server.ts";
import type { Programs } from "./build.ts";
import type { Series } from "./processes.ts";

export interface Stage {
  readonly programs: Programs;
  readonly simulator: Simulator;
  readonly home: string;
  /** Absent when the Python tool is not installed. */
  readonly reference?: Reference;
}

export interface Reference {
  readonly path: string;
  readonly version: string;
  /** A folder for PYTHONPATH that sends its requests to the simulator. */
  readonly redirect: string;
}

/** The scenario of most rows: a user without a second factor, and nothing else that another row has changed. */
export const NO_MFA: Partial<Scenario> = { ...DEMO_SCENARIO, users: [{ ...ADA, devices: [] }] };

/** One role, so that no question is left. */
export const ROLE = ["--aws-account-id", ACCOUNTS.dev, "--aws-role-name", "Admin"] as const;

export function makeHome(): string {
  const home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "onelogin-aws-bench-" }));
  const put = (name: string, content: unknown) => {
    Deno.writeTextFileSync(join(home, ".onelogin", name), JSON.stringify(content), { mode: 0o600 });
  };
  Deno.mkdirSync(join(home, ".onelogin"), { mode: 0o700 });
  const { clientId, clientSecret, subdomain, apps } = DEMO_SCENARIO;
  put("onelogin.sdk.json", { client_id: clientId, client_secret: clientSecret, region: "us", ip: "" });
  put("onelogin.aws.json", { app_id: apps[0]?.id ?? "", subdomain, username: ADA.email, aws_region: "us-east-1" });
  return home;
}

/** Nothing but what a program needs to start. */
function bare(home: string): Record<string, string> {
  return { PATH: Deno.env.get("PATH") ?? "", HOME: home, USERPROFILE: home, TERM: "xterm-256color" };
}

export function floor({ programs, home }: Stage): Series {
  return { name: "floor", command: [programs.floor], env: bare(home), cwd: home };
}

export function ours({ programs, home }: Stage, ...args: readonly string[]): Series {
  return { name: "ours", command: [programs.ours, ...args], env: bare(home), cwd: home };
}

/** Ours against the simulator, with the password in the environment. */
export function oursOnline(stage: Stage, ...args: readonly string[]): Series {
  const series = ours(stage, ...args);
  return { ...series, env: { ...series.env, ...stage.simulator.env, ONELOGIN_PASSWORD: ADA.password } };
}

/** The Python tool against the simulator; nothing when it is not installed. */
export function theirs({ reference, simulator, home }: Stage, ...args: readonly string[]): readonly Series[] {
  if (!reference) return [];
  return [{
    name: "reference",
    command: [reference.path, ...args],
    env: { ...bare(home), ...simulator.env, PYTHONPATH: reference.redirect },
    cwd: home,
  }];
}

/** What the Python tool has no variable for. */
export const THEIR_PASSWORD = ["--onelogin-password", ADA.password] as const;
