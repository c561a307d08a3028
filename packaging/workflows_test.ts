/** The workflows: what can be known of them without GitHub. Each of these was once wrong. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { isTarget, TARGETS } from "../scripts/toolchain.ts";
import { WHEEL_PLATFORMS } from "../scripts/wheel.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: {
    readonly matrix: { readonly include?: readonly { readonly archive: string; readonly wheel?: string }[] };
  };
  readonly steps?: readonly Step[];
}

const ROOT = new URL("../", import.meta.url);
const FOLDER = new URL(".github/workflows/", ROOT);
const NAMES = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name).sort();

const jobsOf = (name: string): Readonly<Record<string, Job>> =>
  parse(Deno.readTextFileSync(new URL(name, FOLDER))).jobs;
const textOf = (job: Job | undefined) => (job?.steps ?? []).map(({ run }) => run ?? "").join("\n");
const release = jobsOf("release.yml");
const packages = jobsOf("packages.yml");

/** The jobs that have ended well before this one starts. */
function before(jobs: Readonly<Record<string, Job>>, name: string): readonly string[] {
  const needs = [jobs[name]?.needs ?? []].flat();
  return [...needs, ...needs.flatMap((need) => before(jobs, need))];
}

Deno.test("workflows: every action is pinned to a commit with its version beside it, in the setup action too", () => {
  for (const path of [...NAMES.map((name) => `.github/workflows/${name}`), "packaging/setup-action/action.yml"]) {
    const pins = Deno.readTextFileSync(new URL(path, ROOT)).matchAll(/^\s*-?\s*uses:\s*(.*)$/gm);
    for (const [, pin = ""] of pins) assert.match(pin, /^\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$|^\.\//, path);
  }
});

Deno.test("workflows: one commit for each action everywhere", () => {
  const used = NAMES.flatMap((name) =>
    Object.values(jobsOf(name)).flatMap(({ steps = [] }) => steps.flatMap(({ uses }) => uses ?? []))
  );
  const commits = new Map<string, string>();
  for (const [action = "", commit] of used.map((each) => each.split("@"))) {
    if (commit === undefined) continue;
    assert.equal(commits.get(action) ?? commit, commit, action);
    commits.set(action, commit);
  }
});

Deno.test("workflows: a job has the permissions that it names, and a workflow none", () => {
  for (const name of NAMES) {
    assert.deepEqual(parse(Deno.readTextFileSync(new URL(name, FOLDER))).permissions, {}, name);
    for (const [job, { permissions }] of Object.entries(jobsOf(name))) assert.ok(permissions, `${name}: ${job}`);
  }
});

Deno.test("release.yml: no job consumes a cache", () => {
  for (const [name, { steps = [] }] of Object.entries(release)) {
    for (const step of steps) {
      if (step.uses?.startsWith("actions/setup-node@")) assert.equal(step.with?.["package-manager-cache"], false, name);
      if (step.uses?.includes("signing-action@")) assert.equal(step.with?.["cache-dependencies"], false, name);
      assert.doesNotMatch(step.uses ?? "", /^actions\/cache/);
    }
  }
});

Deno.test("release.yml: macOS programs are signed, with a certificate or ad hoc, before codesign verifies them", () => {
  const steps = release["sign-macos"]?.steps ?? [];
  const signing = steps.filter(({ run }) => run?.includes("packaging/macos/sign.sh"));
  assert.deepEqual(signing.map((step) => step.if), ["env.SIGN != 'true'", "env.SIGN == 'true'"]);
  assert.match(signing[0]?.run ?? "", /sign\.sh --ad-hoc programs\/macos-\*/);
  assert.ok(before(release, "smoke").includes("sign-macos"));
  assert.match(textOf(release["smoke"]), /codesign --verify --strict/);
});

Deno.test("workflows: a release is tried and downloaded again on all six systems", () => {
  const words = Object.keys(TARGETS).filter(isTarget).map((target) => TARGETS[target] as string).sort();
  for (const job of [release["smoke"], packages["verify"]]) {
    const archives = job?.strategy?.matrix.include?.map(({ archive }) => archive.split(".")[0]).sort();
    assert.deepEqual(archives, words);
  }
});

Deno.test("packages.yml: manifests are pushed after they were installed and tested, for the latest release only", () => {
  const pushing = Object.entries(packages).filter(([, job]) => textOf(job).includes("git clone")).map(([name]) => name);
  assert.deepEqual(pushing, ["push"]);
  for (const need of ["verify", "install", "manifests", "homebrew"]) {
    assert.ok(before(packages, "push").includes(need), need);
  }
  assert.match(textOf(packages["homebrew"]), /brew install .*\n.*brew test /);
  const text = textOf(packages["push"]);
  assert.ok(text.indexOf('[ "$latest" != "$TAG" ]') < text.indexOf("git clone"));
  // The deploy keys are in its environment, and no other job can read them.
  assert.deepEqual(Object.entries(packages).filter(([, job]) => job.environment).map(([name]) => name), ["push"]);
});

Deno.test("ci.yml: what a job runs that can run anywhere, the gate runs too", () => {
  const gate = Deno.readTextFileSync(new URL(".ci/run", ROOT));
  const jobs = jobsOf("ci.yml");
  // PowerShell and Docker are on GitHub's machines only.
  assert.deepEqual(Object.keys(jobs), ["test", "gate", "powershell", "image"]);
  assert.equal(jobs["gate"]?.steps?.at(-1)?.run, ".ci/run");
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  const commands = textOf(jobs["test"]).matchAll(/npx -y "\$DENO" (task \w+|test .*)/g);
  for (const [, command = ""] of commands) {
    const parts: string[] = command === "task ok" ? tasks.ok.split(" && deno ") : [command.replace(/ packaging$/, "")];
    for (const part of parts) assert.ok(gate.includes(part.replace(/^deno /, "")), `.ci/run does not run "${part}"`);
  }
  assert.match(gate, /packaging\/install_test\.ts packaging\/shelves_test\.ts/);
  for (const linter of ["shellcheck", "hadolint Dockerfile", "actionlint"]) assert.ok(gate.includes(linter), linter);
});

Deno.test("release.yml: the program that is tried is compared with the one in the wheel and in the npm package", () => {
  const wheels = Object.entries(WHEEL_PLATFORMS).map((
    [target, wheel],
  ) => [isTarget(target) ? TARGETS[target] : "", wheel]);
  const tried = release["smoke"]?.strategy?.matrix.include?.map(({ archive, wheel }) => [archive, wheel]);
  assert.deepEqual(tried?.sort(), wheels.sort());
  assert.equal(textOf(release["smoke"]).match(/cmp - "\$program"/g)?.length, 2);
});

Deno.test("release.yml: PyPI and npm get what was published, from jobs that hold nothing but an identity", () => {
  for (const name of ["pypi", "npm"]) {
    assert.ok(before(release, name).includes("publish"));
    assert.deepEqual([release[name]?.environment, release[name]?.permissions], [name, {
      contents: "read",
      "id-token": "write",
    }]);
    assert.match(textOf(release[name]), /sha256sum --check --strict SHA256SUMS/);
    assert.doesNotMatch(JSON.stringify(release[name]), /secrets\./);
  }
  const pins = Deno.readTextFileSync(new URL("packaging/pypi/requirements.txt", ROOT)).trim().split("\n").slice(1);
  for (const pin of pins) assert.match(pin, /^\S+==\S+ --hash=sha256:[0-9a-f]{64}$/);
});
