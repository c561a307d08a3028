/** The world the demo and most tests live in: one person, three accounts, three second factors. */
import type { Scenario, SimulatedDevice, SimulatedRole, SimulatedUser } from "./scenario.ts";

export const PROTECT: SimulatedDevice = {
  id: 777777,
  type: "OneLogin Protect",
  code: "618203",
  label: "Ada's phone",
  isDefault: true,
};
export const AUTHENTICATOR: SimulatedDevice = {
  id: 666666,
  type: "Google Authenticator",
  code: "492817",
  label: "Ada's tablet",
};
export const SMS: SimulatedDevice = { id: 888888, type: "OneLogin SMS", code: "730164", label: "+1xxxxxx0100" };

export const ADA: SimulatedUser = {
  username: "ada",
  email: "ada@example.com",
  password: "correct horse battery staple",
  id: 88888888,
  firstname: "Ada",
  lastname: "Lovelace",
  devices: [PROTECT, AUTHENTICATOR, SMS],
};

export const ACCOUNTS = { dev: "123456789012", prod: "987654321098", audit: "210987654321" } as const;

/** A role and the provider of its account. `path` ends with a slash, such as `team/dev/`. */
export function role(
  account: string,
  name: string,
  more: Partial<SimulatedRole> & { readonly partition?: string; readonly path?: string } = {},
): SimulatedRole {
  const { partition = "aws", path = "", ...rest } = more;
  return {
    roleArn: `arn:${partition}:iam::${account}:role/${path}${name}`,
    providerArn: `arn:${partition}:iam::${account}:saml-provider/OneLogin`,
    ...rest,
  };
}

/** As many roles as asked for, twenty to an account. */
export function manyRoles(count: number): readonly SimulatedRole[] {
  return Array.from({ length: count }, (_, index) => {
    const account = String(100000000000 + Math.floor(index / 20) * 1111);
    return role(account, `Role${String(index + 1).padStart(3, "0")}`);
  });
}

export const DEMO_SCENARIO: Scenario = {
  seed: 1,
  clientId: "5d2b0c6f8e1a4b7c9d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c",
  clientSecret: "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0",
  subdomain: "acme",
  users: [ADA],
  apps: [{ id: "123456" }],
  roles: [
    role(ACCOUNTS.dev, "Admin"),
    role(ACCOUNTS.dev, "Developer", { path: "team/dev/", order: "provider-first" }),
    role(ACCOUNTS.prod, "Admin"),
    role(ACCOUNTS.prod, "ReadOnly"),
    role(ACCOUNTS.audit, "Auditor", { blanks: true }),
  ],
  push: { approveAfterPolls: 2 },
  scope: "authentication-only",
  mfaBypassAddresses: [],
  pendingAssertions: 0,
  tokenLife: 36000,
  tokenBody: "flat",
  stateTokenLifeMs: 120_000,
  stateExpiredStatus: 401,
  callbackHost: "api.elsewhere.invalid",
  errorsUnder200: false,
  rateLimit: { limit: 5000, remaining: 4988, resetSeconds: 832 },
  saml: {},
  roleRules: {},
  keys: [],
  stsPartition: undefined,
  assertionLifeMs: 300_000,
  maxAssertionLength: 100_000,
  maxPackedPolicy: 2048,
  stsPrefix: "",
  fractionalExpiration: false,
  latencyMs: 0,
  dateSkewMs: 0,
  trouble: {},
  faults: () => undefined,
};

/** Ada's assertion as `--cache-saml` of this program and of the Python tool keeps it. */
export function samlCache(assertion: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    ".aws/saml_cache.txt": JSON.stringify({
      saml_response: assertion,
      mfa_verify_info: null,
      username_or_email: ADA.email,
      onelogin_subdomain: "acme",
      app_id: "123456",
      ...more,
    }),
  };
}
