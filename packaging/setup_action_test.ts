import assert from "node:assert/strict";
import { parse } from "yaml";
import { VERSION } from "../src/version.ts";

interface Step {
  readonly shell: string;
  readonly run: string;
  readonly env?: Readonly<Record<string, string>>;
}

const action = parse(await Deno.readTextFile(new URL("setup-action/action.yml", import.meta.url)));
const steps: readonly Step[] = action.runs.steps;

Deno.test("setup-action: no script contains an expression, whose text would be run", () => {
  for (const { run } of steps) assert.doesNotMatch(run, /\$\{\{/);
  assert.equal(action.runs.using, "composite");
});

Deno.test({
  name:
    "setup-action: on Unix the script requires the attestation, hands a version on as one word, and installs its own by default",
  ignore: Deno.build.os === "windows",
  async fn() {
    const work = Deno.makeTempDirSync();
    try {
      Deno.mkdirSync(`${work}/packaging/setup-action`, { recursive: true });
      Deno.writeTextFileSync(`${work}/packaging/install.sh`, `printf '[%s]' "$@"\n`);
      Deno.copyFileSync(new URL("../deno.json", import.meta.url), `${work}/deno.json`);
      for (
        const [version, installed] of [["", VERSION], ["3.0.0; id", "3.0.0; id"]] as const
      ) {
        const { stdout, code } = await new Deno.Command(steps[0]?.shell ?? "", {
          args: ["-e", "-c", steps[0]?.run ?? ""],
          env: {
            VERSION: version,
            ACTION_PATH: `${work}/packaging/setup-action`,
            RUNNER_TEMP: work,
            GITHUB_PATH: `${work}/path`,
          },
        }).output();
        assert.equal(code, 0);
        assert.equal(
          new TextDecoder().decode(stdout).replaceAll(work, "W"),
          `[--require-attestation][--dir][W/onelogin-aws-assume-role][--version][${installed}]`,
        );
      }
      assert.equal(Deno.readTextFileSync(`${work}/path`), `${work}/onelogin-aws-assume-role\n`.repeat(2));
    } finally {
      Deno.removeSync(work, { recursive: true });
    }
  },
});

Deno.test("setup-action: on Windows it requires the attestation and reads its own version too", () => {
  const run = steps[1]?.run ?? "";
  assert.match(run, /install\.ps1" -RequireAttestation -Version \$version -Dir \$folder$/m);
  assert.match(run, /if \(-not \$version\) \{\n\s+\$version = .*deno\.json" \| ConvertFrom-Json\)\.version/);
});

Deno.test("setup-action: only the steps that verify have a token", () => {
  for (const { run, env } of steps) {
    assert.equal(env !== undefined && "GH_TOKEN" in env, /install\.(?:sh|ps1)/.test(run));
  }
});
