/** Network folders without locks and without a flush to the disk: the program on a system whose calls refuse both. */
import assert from "node:assert/strict";
import { defaultFiles, freshFolder, withSimulator } from "./harness.ts";
import { ada, PASSWORD, run, together } from "./runs.ts";

/** What an NFS or FUSE folder answers that has neither. */
const SHIM = `
#include <errno.h>
int flock(int fd, int op) { errno = ENOLCK; return -1; }
int fsync(int fd) { errno = EINVAL; return -1; }
int fdatasync(int fd) { errno = EINVAL; return -1; }
`;

/** A library that overrides the system's; undefined where no C compiler makes one. */
async function shim(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const folder = freshFolder("shim");
  await Deno.writeTextFile(`${folder}/shim.c`, SHIM);
  const args = ["-shared", "-fPIC", "-o", `${folder}/shim.so`, `${folder}/shim.c`];
  const made = await new Deno.Command("cc", { args }).output().catch(() => undefined);
  return made?.success === true ? `${folder}/shim.so` : undefined;
}

const LD_PRELOAD = await shim();

Deno.test("no locks: logins at the same time all save their profile, and no lock is left", {
  ignore: LD_PRELOAD === undefined,
}, async () => {
  await withSimulator(ada(), async (simulator) => {
    const home = freshFolder("home");
    const env = { ...PASSWORD, LD_PRELOAD: LD_PRELOAD ?? "" };
    const roles = [["123456789012", "Admin"], ["987654321098", "Admin"], ["987654321098", "ReadOnly"]] as const;
    const results = await together(roles.map(([account, role], index) => async () =>
      await run(simulator, {
        args: ["--aws-account-id", account, "--aws-role-name", role, "-p", `p${index}`, "--no-input"],
        env,
        files: defaultFiles,
        home,
      })
    ));
    for (const { code, stderr } of results) assert.equal(code, 0, stderr);
    const [last] = results;
    for (const index of roles.keys()) {
      assert.match(last?.file(".aws/credentials") ?? "", new RegExp(`^\\[p${index}\\]`, "m"));
    }
    assert.deepEqual(last?.tree().filter(({ path }) => /lock|tmp/.test(path)), []);
  });
});

Deno.test(
  "no locks: what a run that died long ago left is taken over",
  { ignore: LD_PRELOAD === undefined },
  async () => {
    await withSimulator(ada(), async (simulator) => {
      const home = freshFolder("home");
      Deno.mkdirSync(`${home}/.aws`, { mode: 0o700 });
      const lock = `${home}/.aws/credentials.onelogin-lock`;
      Deno.writeTextFileSync(lock, "", { mode: 0o600 });
      const longAgo = new Date(Date.now() - 3_600_000);
      Deno.utimeSync(lock, longAgo, longAgo);
      const result = await run(simulator, {
        args: ["--aws-account-id", "123456789012", "--aws-role-name", "Admin", "-p", "dev", "--no-input"],
        env: { ...PASSWORD, LD_PRELOAD: LD_PRELOAD ?? "" },
        files: defaultFiles,
        home,
      });
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.file(".aws/credentials"), /^\[dev\]/m);
      assert.equal(result.exists(".aws/credentials.onelogin-lock"), false);
    });
  },
);
