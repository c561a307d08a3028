import assert from "node:assert/strict";
import type { StsOutcome } from "../aws/sts.ts";
import type { Assertion } from "../saml/assertion.ts";
import { askForMost, assertionLimit, shortened } from "./lifetime.ts";

const assertion = (parts: Partial<Assertion>): Assertion => ({ base64: "", roles: [], warnings: [], ...parts });
const refused = (cause: "duration" | "expired-assertion"): StsOutcome => ({
  kind: "refused",
  cause,
  code: "ValidationError",
  message: "",
  status: 400,
});

/** A role that allows `longest` seconds, and what it is asked for. */
function role(longest: number, fails: (calls: number) => StsOutcome | undefined = () => undefined) {
  const asked: number[] = [];
  const ask = (seconds: number): Promise<StsOutcome> => {
    asked.push(seconds);
    const credentials = { accessKeyId: String(seconds), secretAccessKey: "", sessionToken: "", expiration: seconds };
    return Promise.resolve(
      fails(asked.length) ??
        (seconds > longest ? refused("duration") : { kind: "credentials", credentials, assumedRoleArn: "" }),
    );
  };
  return { asked, ask };
}

Deno.test("askForMost() finds the whole hours of every role in six requests at most, and in three for AWS's default", async () => {
  for (let hours = 1; hours <= 12; hours++) {
    for (const more of hours === 12 ? [0] : [0, 1800]) {
      const { asked, ask } = role(hours * 3600 + more);
      const { outcome, seconds, longest } = await askForMost(43_200, ask);
      assert.ok(outcome.kind === "credentials");
      assert.equal(outcome.credentials.expiration, hours * 3600);
      assert.deepEqual([seconds, longest], [hours * 3600, hours === 12 ? undefined : hours * 3600]);
      assert.equal(new Set(asked).size, asked.length);
      assert.ok(asked.length <= (hours === 1 ? 3 : 6), `${hours} h: ${asked}`);
    }
  }
});

Deno.test("askForMost() asks once when that is granted, or when less would not help", async () => {
  const known = role(7200);
  assert.deepEqual((await askForMost(7200, known.ask)).longest, undefined);
  assert.deepEqual(known.asked, [7200]);
  const least = role(600);
  assert.equal((await askForMost(900, least.ask)).outcome.kind, "refused");
  assert.deepEqual(least.asked, [900]);
  const odd = role(3600);
  assert.equal((await askForMost(5000, odd.ask)).longest, 3600);
  assert.deepEqual(odd.asked, [5000, 3600]);
});

Deno.test("askForMost() keeps what was granted when a later request fails, and learns nothing from it", async () => {
  const late = role(14_400, (calls) => calls === 3 ? refused("expired-assertion") : undefined);
  const { outcome, seconds, longest } = await askForMost(43_200, late.ask);
  assert.ok(outcome.kind === "credentials");
  assert.deepEqual([outcome.credentials.expiration, seconds, longest], [7200, 7200, undefined]);
  const old = role(3600, (calls) => calls === 2 ? refused("expired-assertion") : undefined);
  const failed = await askForMost(43_200, old.ask);
  assert.deepEqual([failed.outcome.kind, old.asked.length], ["refused", 2]);
});

Deno.test("assertionLimit(): the shorter of the two limits; an end in the past is a wrong clock", () => {
  const now = Date.parse("2027-01-15T08:30:00Z");
  assert.equal(assertionLimit(assertion({}), now), Infinity);
  assert.equal(assertionLimit(assertion({ sessionDuration: 7200 }), now), 7200);
  assert.equal(assertionLimit(assertion({ sessionDuration: 7200, sessionNotOnOrAfter: now + 1_800_999 }), now), 1800);
  assert.equal(assertionLimit(assertion({ sessionNotOnOrAfter: now - 1 }), now), Infinity);
});

Deno.test("shortened(): only for a number, and not for the seconds that a request takes", () => {
  assert.equal(shortened("A", "max", 900), undefined);
  assert.equal(shortened("A", 3600, 3520), undefined);
  assert.match(
    shortened("A", 14_400, 3600) ?? "",
    /credentials of A expire in 1 h, not in the 4 h that were requested/,
  );
});
