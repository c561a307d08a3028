import assert from "node:assert/strict";
import { Ajv } from "ajv";
import fc from "fast-check";
import { parseArgv } from "../../src/argv/parse.ts";
import { UserError } from "../../src/errors.ts";
import { resolveSettings } from "../../src/settings/resolve.ts";
import { type Schema, schemas } from "./schemas.ts";

const ROOT = new URL("../../", import.meta.url);

function schema(name: string): Schema {
  return JSON.parse(schemas()[`docs/schema/${name}.schema.json`] ?? assert.fail(name));
}

const FILES = [
  { name: "onelogin.sdk", schema: schema("onelogin.sdk") },
  { name: "onelogin.aws", schema: schema("onelogin.aws") },
  { name: "team", schema: schema("team") },
];

/** Values of every kind, as a person may write them. */
const VALUES = [
  "us",
  "global",
  "profile",
  "1234",
  "max",
  "a b",
  "",
  0,
  7,
  900,
  3600,
  43200,
  43201,
  -1,
  1.5,
  true,
  null,
  [],
  {},
  "0",
  "899",
  "900",
  "3600",
  "43200",
  "43201",
  " max ",
  "us-west-2",
  "us-west2",
  "https://acme.onelogin.com",
  "https://acme.onelogin.com/launch/123456",
  "arn:aws:iam::aws:policy/ReadOnlyAccess",
  ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
  ["ReadOnlyAccess"],
  { Version: "2012-10-17", Statement: [] },
];

const ajv = new Ajv({ allowUnionTypes: true });

/** Whether a value fits. */
function fits(schema: Schema, value: unknown): boolean {
  return ajv.validate(schema, value);
}

/** Whether the program takes a file without an error and without a warning. */
async function taken(name: string, file: unknown): Promise<boolean> {
  const path = `/home/ada/.onelogin/${name}.json`;
  const bytes = new Uint8Array(new TextEncoder().encode(JSON.stringify(file)));
  try {
    const { warnings } = await resolveSettings(parseArgv(["--profile", "dev"]), {
      env: { HOME: "/home/ada" },
      cwd: "/work",
      platform: "linux",
      files: {
        read: (asked) => Promise.resolve(asked === path ? bytes : undefined),
        stat: () => Promise.resolve(undefined),
      },
    });
    return warnings.length === 0;
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return false;
  }
}

Deno.test("schemas: what the program refuses, or warns of, does not fit", () => {
  const [sdk, aws] = FILES;
  for (const key of ["client_ids", "app_id", "keychain_service"]) {
    assert.equal(fits(sdk!.schema, { [key]: "" }), false, key);
  }
  for (const key of ["ip", "client_id", "keychain_service", "profil"]) {
    assert.equal(fits(aws!.schema, { [key]: "" }), false, key);
  }
  assert.equal(fits(aws!.schema, { profiles: { dev: { username: "ada" } } }), false);
  assert.equal(fits(aws!.schema, { profiles: { dev: "Admin" } }), false);
  assert.equal(fits(sdk!.schema, []), false);
});

Deno.test("schemas: the files of the Python tool's documentation fit", async () => {
  const [sdk, aws] = FILES;
  assert.ok(fits(sdk!.schema, { client_id: "", client_secret: "", region: "", ip: "" }));
  const file = {
    app_id: "123456",
    subdomain: "myolsubdomain",
    username: "user.name",
    profile: "profile-1",
    duration: 3600,
    aws_region: "us-west-2",
    aws_account_id: "",
    aws_role_name: "",
    profiles: {
      "profile-1": { aws_account_id: "", aws_role_name: "", aws_region: "", app_id: "" },
      "profile-2": { aws_account_id: "" },
    },
  };
  assert.ok(fits(aws!.schema, file));
  assert.ok(await taken(aws!.name, file));
});

Deno.test("schemas: every JSON example in the documentation of the files fits the schema of its file", async () => {
  const pages = await Promise.all(
    ["docs/configuration.md", "docs/teams.md"].map((page) => Deno.readTextFile(new URL(page, ROOT))),
  );
  const examples = Array.from(
    pages.join("\n").matchAll(/`(onelogin\.(?:sdk|aws)|team)\.json`[^\n]*\n+```json\n([\s\S]*?)```/g),
  );
  assert.ok(examples.length >= 4, "the pages have examples");
  for (const [, name = "", json] of examples) {
    const { schema } = FILES.find((file) => file.name === name) ?? assert.fail(name);
    assert.ok(fits(schema, JSON.parse(json ?? "")), json);
    assert.ok(await taken(name, JSON.parse(json ?? "")), json);
  }
});

/** A text, and what a person may make of it: spaces around it, capitals, a letter too many or too few. */
function nearly(text: string): fc.Arbitrary<string> {
  return fc.constantFrom(text, ` ${text} `, `${text}\n`, text.toUpperCase(), `${text}x`, text.slice(1), `"${text}"`);
}

const WORDS = [
  ...["us", "eu", "global", "profile", "max", "true", "false", "null", "acme", "a b", "ü", "\ufffd", "-", "a.b"],
  ...["us-west-2", "us-gov-east-1", "eu-isoe-west-1", "us-esat-1", "us-west2", "eusc-de-east-1", "us-east-123"],
  ...["https://acme.onelogin.com", "https://acme.onelogin.com/", "http://acme.onelogin.com", "https://onelogin.com"],
  ...[
    "https://evil.example",
    "https://acme.onelogin.com:443",
    "https://acme.onelogin.com:444",
    "https://a_b.onelogin.com",
  ],
  ...[
    "https://acme.onelogin.com/launch/123456",
    "https://acme.onelogin.com/apps/1/?a#b",
    "acme.onelogin.com/x/apps/77",
  ],
  ...["acme.onelogin.com", "https://u:p@acme.onelogin.com", "https://acme.onelogin.com/?q", "https://..onelogin.com"],
  ...["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::123456789012:policy/a/b", "arn:aws:iam::1:policy/a"],
];
const NUMBERS = [-1, 0, 1, 7, 899, 900, 3600, 43_199, 43_200, 43_201, 65_535, 65_536, 123_456_789_012];

const text = fc.oneof(
  fc.constantFrom(...WORDS, ...NUMBERS.map(String), "+900", "0900", "00", "1.5", "1e3").chain(nearly),
  fc.string({ maxLength: 4 }),
  fc.integer({ min: -10, max: 70_000 }).map(String),
);
const single = fc.oneof(
  { weight: 3, arbitrary: text },
  fc.oneof(fc.constantFrom(...NUMBERS, 1.5, -0.5), fc.integer({ min: -10, max: 70_000 })),
  fc.constantFrom<unknown>(true, false, null, "", "  "),
);
const anything = fc.oneof(
  { weight: 5, arbitrary: single },
  fc.array(single, { maxLength: 2 }),
  fc.constantFrom<unknown>({}, { a: 1 }, { "123456789012": "Dev" }, { "1234-5678-9012": 7 }, { "12": "x" }),
  // A schema cannot limit a policy to Latin-1.
  fc.constantFrom<unknown>({ Statement: [] }, { Statement: "ü" }),
);

for (const { name, schema } of FILES) {
  Deno.test(`schemas: ${name}.json takes a value if and only if its schema does`, async () => {
    const inProfile = Object.keys(profileSchema(schema).properties ?? {}).map((key) => ["profiles", "dev", key]);
    const places = [...Object.keys(schema.properties ?? {}).map((key) => [key]), ...inProfile];
    const differ: string[] = [];
    for (const place of places) {
      for (const value of [...VALUES, ...fc.sample(anything, { numRuns: 60 })]) {
        const file = place.reduceRight((inner: unknown, key) => ({ [key]: inner }), value);
        const [fit, take] = [fits(schema, file), await taken(name, file)];
        if (fit !== take) differ.push(`${JSON.stringify(file)}: the program ${take ? "takes" : "refuses"} it`);
      }
    }
    assert.deepEqual([...new Set(differ)].slice(0, 20), []);
  });
}

function profileSchema(schema: Schema): Schema {
  const profiles = schema.properties?.["profiles"]?.additionalProperties;
  return typeof profiles === "object" ? profiles : {};
}
