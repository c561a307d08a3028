import assert from "node:assert/strict";
import { animatedSvg, screenOf } from "./screen_svg.ts";
import { ROOT } from "./start_task.ts";

function lines(raw: string): readonly string[] {
  return screenOf(raw).map((cells) => cells.map(({ char }) => char).join("").trimEnd());
}

Deno.test("screenOf: a menu that is drawn, moved in and erased leaves what a terminal leaves", () => {
  assert.deepEqual(lines("a\r\nb\r\nc\x1b[2A\x1b[1G\x1b[Jx\r\n"), ["x"]);
  assert.deepEqual(lines("wait…\r\x1b[Kdone\r\n\r\n"), ["done"]);
  assert.deepEqual(lines("abc\x1b[2D\x1b[Kz\x08\x08yy"), ["yy"]);
  assert.equal(lines(`${"x".repeat(80)}yz`)[1], "yz");
  assert.deepEqual(lines("\x1b[?25l1\x1b[3Cx\x1b[?25h"), ["1   x"]);
});

Deno.test("screenOf: colours begin and end where their codes say, and one colour takes the place of another", () => {
  const looks = screenOf("\x1b[36ma\x1b[1;31mb\x1b[22mc\x1b[39md\x1b[2me\x1b[0mf\x1b[7m\x1b[27mg")[0];
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

Deno.test("animatedSvg: text is escaped, and the last screen is the one shown without motion", () => {
  const svg = animatedSvg(
    [{ screen: screenOf('<a> & "b"'), seconds: 1 }, { screen: screenOf("end"), seconds: 3 }],
    20,
    "a<b",
  );
  assert.ok(svg.includes("&lt;a&gt; &amp; &quot;b&quot;"));
  assert.ok(svg.includes("<title>a&lt;b</title>"));
  assert.match(svg, /@keyframes f0\{0%\{opacity:1\}25%,100%\{opacity:0\}\}#f0\{opacity:0;/);
  assert.match(svg, /@keyframes f1\{0%\{opacity:0\}25%,100%\{opacity:1\}\}#f1\{opacity:1;/);
});

Deno.test("docs/session.svg: shows a whole login, and nothing of the machine or the time it was recorded on", async () => {
  const svg = await Deno.readTextFile(new URL("docs/session.svg", ROOT));
  for (
    const words of ["OneLogin password", "Approve the sign-in", "AWS role", "2 matches", "Success! Updated AWS profile"]
  ) {
    assert.ok(svg.includes(words), words);
  }
  assert.doesNotMatch(svg, /\/tmp|olaws_|127\.0\.0\.1|202[0-6]-/);
  assert.ok(svg.length < 30_000, `${svg.length} characters`);
});
