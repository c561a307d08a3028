/** How time and memory grow with what a person has: roles, profiles, and calls at one time. */
import { join } from "node:path";
import { editingFile } from "../src/aws/files/edit_file.ts";
import type { ProfileEdit } from "../src/aws/files/ini_edit.ts";
import { atOnce } from "../src/io/pieces.ts";
import { sameBytes } from "../src/io/safe_file.ts";
import { utf8 } from "../src/utf8.ts";
import { assertionReader } from "../src/saml/assertion.ts";
import { chooseRole } from "../src/saml/roles.ts";
import { manyRoles } from "../simulator/demo_world.ts";
import { fillCache } from "./cases.ts";
import { median, timeInTurn } from "./processes.ts";
import { exponent, type Row, type Target } from "./row.ts";
import { NO_MFA, ours, oursOnline, type Stage } from "./stage.ts";

const readAssertion = await assertionReader();

/** What is linear measures as this much at most: the garbage collector and other programs have their share. */
const LINEAR = 1.15;

/** Reading and choosing among roles, and editing a file of profiles: inside this process, which is warm. */
export function inProcess(stage: Stage, runs: number): readonly Row[] {
  const roleRows = [10, 100, 600].map((count) => {
    stage.simulator.set({ ...NO_MFA, roles: manyRoles(count), maxAssertionLength: 4_000_000 });
    const base64 = stage.simulator.issueAssertion();
    return measure(count, `read and choose among ${count} roles`, runs, () => {
      const { roles } = readAssertion(base64);
      if (roles.length !== count) throw new Error(`${roles.length} roles of ${count}`);
      chooseRole(roles, { roleName: "Role007" });
    });
  });
  const fileRows = [10, 1000, 10_000].map((count) => {
    const edit = editor(count);
    return measure(count, `edit one of ${grouped(count)} profiles`, runs, () => {
      edit((value) => [{ profile: `profile-${Math.floor(count / 2)}`, set: [["aws_access_key_id", value]] }]);
    });
  });
  const saveRows = [10, 100, 600].map((count) => {
    const edit = editor(count);
    return measure(count, `replace the keys of ${count} profiles in one edit`, runs, () => {
      edit((value) =>
        Array.from({ length: count }, (_, index) => ({
          profile: `profile-${index}`,
          set: [["aws_access_key_id", `${value}${index}`], ["aws_session_token", `${"u".repeat(300)}${value}${index}`]],
        }))
      );
    });
  });
  return [roleRows, fileRows, saveRows].flatMap(withExponents);
}

/** Edits a file again and again. Each time it is another one: what is known of the last one does not help. */
function editor(count: number): (edits: (value: string) => readonly ProfileEdit[]) => void {
  let bytes = utf8(credentials(count));
  let times = 0;
  return (edits) => {
    const before = bytes;
    ({ bytes } = atOnce(editingFile({ kind: "credentials", path: "credentials" }, bytes, edits(`ASIANEW${times++}`))));
    if (sameBytes(before, bytes)) throw new Error("the edit is missing");
  };
}

interface Point {
  readonly size: number;
  readonly row: Row;
}

function measure(size: number, name: string, runs: number, work: () => void): Point {
  for (let warm = 0; warm < 5; warm++) work();
  const ours = Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return { size, row: { name, unit: "ms", runs, values: { ours: median(ours) }, targets: [], raw: { ours } } };
}

function withExponents(points: readonly Point[]): readonly Row[] {
  return points.map(({ size, row }, index) => {
    const before = points[index - 1];
    if (!before) return row;
    const point = ({ size, row }: Point) => ({ size, value: row.values["ours"] ?? NaN });
    const value = exponent(point(before), point({ size, row }));
    const target: Target = { says: `from ${grouped(before.size)}`, value, limit: LINEAR, unit: "exponent" };
    return { ...row, targets: [target] };
  });
}

/** The same in whole processes, and their memory: start-up and sign-in are in these figures. */
export async function wholeProcess(stage: Stage, runs: number): Promise<readonly Row[]> {
  const times: Point[][] = [[], []];
  const peaks: Point[][] = [[], []];
  const add = async (kind: 0 | 1, size: number, name: string, ...args: readonly string[]) => {
    const [timed] = await timeInTurn(runs, [oursOnline(stage, "--no-input", ...args)]);
    if (!timed) return;
    const row = (unit: Row["unit"], ours: number, name: string): Row => {
      return { name, unit, runs, values: { ours }, targets: [], raw: unit === "ms" ? { ours: timed.walls } : {} };
    };
    times[kind]?.push({ size, row: row("ms", timed.wall, name) });
    peaks[kind]?.push({ size, row: row("MiB", timed.peak, `peak memory: ${name}`) });
  };
  for (const count of [10, 100, 600]) {
    stage.simulator.set({ ...NO_MFA, roles: manyRoles(count), maxAssertionLength: 4_000_000 });
    const role = ["--aws-account-id", "100000000000", "--aws-role-name", "Role007"];
    await add(0, count, `login with ${count} roles`, ...role, "--output", "json");
  }
  stage.simulator.set({ ...NO_MFA, roles: manyRoles(5) });
  for (const count of [10, 1000, 10_000]) {
    const file = join(stage.home, `credentials-${count}`);
    Deno.writeTextFileSync(file, credentials(count), { mode: 0o600 });
    const role = ["--aws-account-id", "100000000000", "--aws-role-name", "Role001"];
    await add(
      1,
      count,
      `login that saves into a file of ${grouped(count)} profiles`,
      ...role,
      ...["--file", file, "--profile", "profile-5"],
    );
  }
  return [...times, ...peaks].flatMap(withExponents);
}

/** Many `credential-process` calls at one time, as build tools make them: until the last one has its answer. */
export async function parallel(stage: Stage, runs: number): Promise<readonly Row[]> {
  await fillCache(stage);
  const points: Point[] = [];
  for (const count of [1, 4, 16, 64]) {
    const [timed] = await timeInTurn(runs, [{
      ...ours(stage, "credential-process", "--profile", "bench"),
      parallel: count,
    }]);
    if (!timed) continue;
    const name = `${count === 1 ? "1 credential-process call" : `${count} credential-process calls at once`}`;
    const values = { ours: timed.wall };
    points.push({ size: count, row: { name, unit: "ms", runs, values, targets: [], raw: { ours: timed.walls } } });
  }
  return withExponents(points);
}

/** A file as years of use make it: comments, long-term keys, temporary ones. */
function credentials(count: number): string {
  return Array.from({ length: count }, (_, index) =>
    `# team ${index % 17}
[profile-${index}]
aws_access_key_id = ASIA${String(index).padStart(16, "0")}
aws_secret_access_key = ${"s".repeat(40)}
aws_session_token = ${"t".repeat(300)}
aws_session_expiration = 2027-01-15T09:30:00+0000
region = us-east-1
`).join("\n");
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
