import assert from "node:assert/strict";
import { drawn, screenOf } from "./screen.ts";

Deno.test("screenOf: a menu that is drawn, moved in and erased leaves what a terminal leaves", async () => {
  assert.deepEqual(await drawn("a\r\nb\r\nc\x1b[2A\x1b[1G\x1b[Jx\r\n"), ["x"]);
  assert.deepEqual(await drawn("wait…\r\x1b[Kdone\r\n\r\n"), ["done"]);
  assert.deepEqual(await drawn("abc\x1b[2D\x1b[Kz\x08\x08yy"), ["yy"]);
  assert.equal((await drawn(`${"x".repeat(80)}yz`))[1], "yz");
  assert.deepEqual(await drawn("\x1b[?25l1\x1b[3Cx\x1b[?25h"), ["1   x"]);
});

Deno.test("screenOf: colours begin and end where their codes are, and one colour takes the place of another", async () => {
  const looks = (await screenOf("\x1b[36ma\x1b[1;31mb\x1b[22mc\x1b[39md\x1b[2me\x1b[0mf\x1b[7m\x1b[27mg"))[0];
  assert.deepEqual(looks?.map(({ char, look }) => `${char}:${look}`), [
    "a:36",
    "b:1 31",
    "c:31",
    "d:",
    "e:2",
    "f:",
    "g:",
  ]);
});
