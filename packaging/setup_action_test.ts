import assert from "node:assert/strict";
import { parse } from "yaml";

interface Step {
  readonly shell: string;
  readonly run: string;
  readonly env?: Readonly<Record<string, string>>;
}

const action = parse(await Deno.readTextFile(new URL("setup-action/action.yml", import.meta.url)));
const steps: readonly Step[] = action.runs.steps;

Deno.test("setup-action: no expression stands in a script, where its text would be run", () => {
  for (const { run } of steps) assert.doesNotMatch(run, /\$\{\{/);
  assert.equal(action.runs.using, "composite");
});

Deno.test({
  name:
    "setup-action: on Unix the script hands a version on as one word, puts the folder on the PATH, and leaves out what is empty",
  ignore: Deno.build.os === "windows",
  async fn() {
    const work = Deno.makeTempDirSync();
    try {
      Deno.mkdirSync(`${work}/setup-action`);
      Deno.writeTextFileSync(`${work}/install.sh`, `printf '[%s]' "$@"\n`);
      for (
        const [version, said] of [["", "[--dir][W/onelogin-aws-assume-role]"], [
          "3.0.0; id",
          "[--dir][W/onelogin-aws-assume-role][--version][3.0.0; id]",
        ]] as const
      ) {
        const { stdout, code } = await new Deno.Command(steps[0]?.shell ?? "", {
          args: ["-e", "-c", steps[0]?.run ?? ""],
          env: {
            VERSION: version,
            ACTION_PATH: `${work}/setup-action`,
            RUNNER_TEMP: work,
            GITHUB_PATH: `${work}/path`,
          },
        }).output();
        assert.equal(code, 0);
        assert.equal(new TextDecoder().decode(stdout).replaceAll(work, "W"), said);
      }
      assert.equal(Deno.readTextFileSync(`${work}/path`), `${work}/onelogin-aws-assume-role\n`.repeat(2));
    } finally {
      Deno.removeSync(work, { recursive: true });
    }
  },
});
