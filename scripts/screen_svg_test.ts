import assert from "node:assert/strict";
import { screenOf } from "../tests/screen.ts";
import { animatedSvg } from "./screen_svg.ts";
import { ROOT } from "./start_task.ts";

Deno.test("animatedSvg: text is escaped, and the last screen is the one shown without motion", async () => {
  const svg = animatedSvg(
    [{ screen: await screenOf('<a> & "b"'), seconds: 1 }, { screen: await screenOf("end"), seconds: 3 }],
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
