import assert from "node:assert/strict";
import { matchScore, ranked } from "./search.ts";

const ROLES = [
  "Developer · 123456789012 Payments dev",
  "Admin · 123456789012 Payments dev",
  "Admin · 987654321098 Payments prod",
  "Reader · 987654321098 Payments prod",
].map((label) => ({ label, hint: `arn:aws:iam::1:role/${label.split(" ")[0]}` }));

const found = (search: string) => {
  const { order, matches } = ranked(search, ROLES);
  return order.filter((place) => matches.has(place));
};

Deno.test("ranked(): every word somewhere, in any order; without one all choices as they were", () => {
  assert.deepEqual(found(""), [0, 1, 2, 3]);
  assert.deepEqual(found("prod admin"), [2]);
  assert.deepEqual(found("ADMIN 1234"), [1]);
  assert.deepEqual(found("nothing"), []);
  assert.deepEqual(found("role/reader"), [3], "the ARN is searched too");
});

Deno.test("ranked(): letters in their order match, and the best match is on top", () => {
  assert.deepEqual(found("dvlp"), [0]);
  assert.deepEqual(found("adm prd")[0], 2);
  assert.deepEqual(found("dev")[0], 0, "a word that starts so comes before one further behind");
  assert.ok((matchScore("adm", "Admin", "", false) ?? 0) > (matchScore("adm", "A demo of m", "", false) ?? 0));
  assert.ok((matchScore("prod", "x prod", "", false) ?? 0) > (matchScore("prod", "xprod", "", false) ?? 0));
});

Deno.test("ranked(): takes long labels and searches from a server and a person in time with their length", () => {
  const label = "a".repeat(100_000);
  assert.equal(matchScore(`${"a".repeat(5000)}b`, label, "", true), undefined);
});
