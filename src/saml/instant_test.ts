import assert from "node:assert/strict";
import fc from "fast-check";
import { parseInstant } from "./instant.ts";

Deno.test("parseInstant: reads every form SAML and AWS use", () => {
  const expected = Date.UTC(2027, 0, 15, 8, 30, 0);
  for (
    const [text, ms] of [
      ["2027-01-15T08:30:00Z", 0],
      [" 2027-01-15T08:30:00Z\n", 0],
      ["2027-01-15T08:30:00", 0],
      ["2027-01-15T08:30:00.5Z", 500],
      ["2027-01-15T08:30:00.123456789Z", 123],
      ["2027-01-15T08:30:00.29Z", 290],
      ["2027-01-15T10:00:00+01:30", 0],
      ["2027-01-15T03:30:00-0500", 0],
      ["2027-01-14T23:30:00.001-09:00", 1],
    ] as const
  ) assert.equal(parseInstant(text), expected + ms, text);
});

Deno.test("parseInstant: what is no time is undefined, dates that do not exist too", () => {
  for (
    const text of [
      "",
      "2027-01-15",
      "2027-02-29T00:00:00Z",
      "2027-13-01T00:00:00Z",
      "2027-00-10T00:00:00Z",
      "2027-01-15T24:00:00Z",
      "2027-01-15T08:60:00Z",
      "2027-01-15T08:30:00+15:00",
      "2027-01-15T08:30:00.Z",
      "1800000000",
      "Fri, 15 Jan 2027 08:30:00 GMT",
    ]
  ) assert.equal(parseInstant(text), undefined, text);
});

Deno.test("parseInstant: agrees with Date on all it writes", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true }),
      (date) => {
        assert.equal(parseInstant(date.toISOString()), date.getTime());
      },
    ),
  );
});
