import assert from "node:assert/strict";
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

/** Whether a value fits; only the keywords that the schemas use. */
function fits(schema: Schema, value: unknown): boolean {
  const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const kinds = kind === "number" && Number.isInteger(value) ? ["number", "integer"] : [kind];
  const types = schema.type === undefined ? kinds : typeof schema.type === "string" ? [schema.type] : schema.type;
  if (schema.anyOf !== undefined && !schema.anyOf.some((one) => fits(one, value))) return false;
  if (!types.some((type) => kinds.includes(type))) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if (typeof value === "string" && !new RegExp(schema.pattern ?? "").test(value)) return false;
  if (typeof value === "number" && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value))) {
    return false;
  }
  if (Array.isArray(value)) return value.every((each) => fits(schema.items ?? {}, each));
  if (kind !== "object") return true;
  if (!(schema.required ?? []).every((name) => Object.hasOwn(value as object, name))) return false;
  return Object.entries(value as Record<string, unknown>).every(([key, member]) => {
    const more = schema.additionalProperties ?? true;
    const own = schema.properties?.[key] ?? (typeof more === "boolean" ? (more ? {} : undefined) : more);
    return own !== undefined && fits(own, member);
  });
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

Deno.test("schemas: what fits a schema is read without a complaint, for every key and kind of value", async () => {
  for (const { name, schema } of FILES) {
    const keys = Object.keys(schema.properties ?? {});
    for (const key of keys) {
      const fitting = VALUES.filter((value) => fits(schema, { [key]: value }));
      assert.ok(fitting.length > 0, `nothing fits "${key}" of ${name}`);
      for (const value of fitting) {
        assert.ok(await taken(name, { [key]: value }), `${name}: ${JSON.stringify({ [key]: value })}`);
      }
    }
  }
  const { name, schema } = FILES[1] ?? assert.fail();
  for (
    const key of [
      "aws_account_id",
      "aws_role_name",
      "aws_region",
      "app_id",
      "username",
      "duration",
      "policy_arns",
      "policy",
    ]
  ) {
    for (const value of VALUES) {
      const file = { profiles: { dev: { [key]: value } } };
      assert.ok(!fits(schema, file) || await taken(name, file), JSON.stringify(file));
    }
  }
});

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

Deno.test("schemas: what the program takes without a complaint fits, for every key and kind of value", async () => {
  const missing: string[] = [];
  for (const { name, schema } of FILES) {
    for (const key of Object.keys(schema.properties ?? {}).filter((key) => key !== "$schema")) {
      for (const value of VALUES) {
        const file = { [key]: value };
        if (await taken(name, file) && !fits(schema, file)) missing.push(`${name}: ${JSON.stringify(file)}`);
      }
    }
  }
  assert.deepEqual(missing, []);
});
