import assert from "node:assert/strict";
import { defaultFiles, runProgram, withSimulator } from "../harness.ts";
import { complaint, PASSWORD, run, together } from "../runs.ts";
import { ADA } from "../../simulator/demo_world.ts";
import { FAULTS } from "./faults.ts";
import { canMount, fileRows } from "./file_faults.ts";
import { codes, DOCUMENT, fileTable, published, requestTable } from "./main.ts";
import { broken, endMatrix, runCell, runMatrix, TARGETS } from "./matrix.ts";

/** All cells where a compiled program is tested; elsewhere a third of each row and column, since all take ten seconds. */
const EVERY = Deno.env.get("OLAWS_BIN") ? 1 : 3;

Deno.test({
  name:
    "faults: every request under every fault keeps the rules, and docs/internals/faults.md lists what really happens",
  // Sockets that a fault has broken are closed by the runtime some time later.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const pairs = await runMatrix(EVERY);
    endMatrix();
    assert.deepEqual(broken(pairs), []);
    assert.equal(pairs.length, FAULTS.length * TARGETS.length / EVERY);
    const page = (await Deno.readTextFile(DOCUMENT)).replace(/\r/g, "");
    for (const pair of pairs) {
      assert.equal(published(page, pair), codes(pair), `${pair.fault.name} / ${pair.target.name}`);
    }
    if (EVERY > 1) return;
    assert.ok(page.includes(requestTable(pairs)), `docs/internals/faults.md is old:\n${requestTable(pairs)}`);
  },
});

Deno.test({
  name:
    "faults: each fault of a file is known before the password, and none damages a file, as docs/internals/faults.md lists",
  ignore: !await canMount(),
  async fn() {
    const rows = await fileRows();
    for (const { name, before, after } of rows) {
      if (before.code !== 0) assert.deepEqual([before.code, before.posts, before.pushes], [2, 0, 0], name);
      for (const { code, stands, error, hints } of [before, after]) {
        assert.doesNotMatch(stands, /DAMAGED|onelogin/, `${name}: ${error}`);
        if (code !== 0) assert.ok(error !== "" && hints.length > 0, name);
      }
    }
    const published = (await Deno.readTextFile(DOCUMENT)).replace(/\r/g, "");
    assert.ok(published.includes(fileTable(rows)), `docs/internals/faults.md is old:\n${fileTable(rows)}`);
  },
});

Deno.test({
  name: "faults: a cell notices a fault that is not met, and a wrong code",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const target = TARGETS[0]!;
    const fault = FAULTS.find(({ name }) => name === "HTTP 500")!;
    assert.deepEqual((await runCell(target, fault, Infinity)).wrong, []);
    const missed = await runCell({ ...target, is: () => false }, fault, Infinity);
    assert.ok(missed.wrong.includes("the fault was not met"), missed.wrong.join());
    const other = await runCell(target, { ...fault, meaning: "refused" }, Infinity);
    assert.deepEqual(other.wrong, ["the code should be 3"]);
  },
});

const SAMPLE = ["reset after acting", "HTTP 302", "nested endlessly", "no answer", "HTTP 401"];

Deno.test("faults: the real program does what the matrix lists", async () => {
  const target = TARGETS.find(({ name }) => name === "user and password")!;
  await together(SAMPLE.map((name) => async () => {
    const fault = FAULTS.find((each) => each.name === name)!;
    const args = [...target.args.filter((arg) => arg !== "--verbose"), ...fault.slow ? ["--timeout", "4"] : []];
    await withSimulator({
      ...target.scenario,
      faults: (request) => target.is(request) ? fault.wire?.(request) : undefined,
    }, async (simulator) => {
      const result = await run(simulator, { args, env: PASSWORD });
      assert.equal(result.code, fault.meaning === "refused" ? target.refused : 7, `${name}: ${result.stderr}`);
      complaint(result);
      assert.equal(result.stdout, "");
      assert.equal(result.exists(".aws/credentials"), false);
      assert.equal(simulator.to("assertion").length, 1);
    });
  }));
});

Deno.test({
  name: "faults: an endless answer is not read into memory",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withSimulator({
      users: [{ ...ADA, devices: [] }],
      faults: (request) =>
        request.route === "assertion" ? FAULTS.find(({ name }) => name === "100 MB")?.wire?.(request) : undefined,
    }, async (simulator) => {
      let highest = 0;
      const result = await runProgram({
        args: ["--no-input"],
        files: defaultFiles,
        env: PASSWORD,
        simulator,
        stdin: async ({ pid, stderr }) => {
          while (!stderr().includes("error:")) {
            const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
            highest = Math.max(highest, Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0));
            if (status === "" || /^State:\s*Z/m.test(status)) break;
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        },
      });
      assert.equal(result.code, 7, result.stderr);
      assert.match(result.stderr, /larger than 4194304 bytes/);
      // In kilobytes. Deno itself takes some 100 MB.
      assert.ok(highest > 10_000 && highest < 230_000, `the program took ${highest} kB`);
    }),
});
