import assert from "node:assert/strict";
import { CACHE_NAMES, cachePath, storePaths } from "./names.ts";

const FOLDERS = { awsFolder: "/home/ada/.aws", oneloginFolder: "/home/ada/.onelogin" };

Deno.test("names: the files this program keeps for itself, and nothing else, are in the two folders", () => {
  assert.deepEqual(storePaths("linux", FOLDERS), {
    samlCache: "/home/ada/.aws/saml_cache.txt",
    lastFactors: "/home/ada/.onelogin/state.json",
    refusals: "/home/ada/.onelogin/refusals.json",
    issuers: "/home/ada/.onelogin/issuers.json",
    signInLock: "/home/ada/.onelogin/sign_in.lock",
    cacheFolder: "/home/ada/.onelogin/cache",
    clockSkew: "/home/ada/.onelogin/cache/clock.json",
    longestSessions: "/home/ada/.onelogin/cache/durations.json",
    lastRoles: "/home/ada/.onelogin/cache/roles.json",
  });
});

Deno.test("names: what the cache is given is recognised again, and a logout leaves locks and strange files", async () => {
  const nameOf = async (suffix: string) =>
    (await cachePath("linux", FOLDERS, ["dev"], suffix)).replace("/home/ada/.onelogin/cache/", "");
  const [credentials, failure, lock] = [
    await nameOf(`-${"0".repeat(16)}.json`),
    await nameOf(".failure.json"),
    await nameOf(".lock"),
  ];
  assert.ok(CACHE_NAMES.credentials.test(credentials) && CACHE_NAMES.failure.test(failure));
  assert.ok(CACHE_NAMES.lock.test(lock));
  const removable = [
    credentials,
    `${credentials}.onelogin-tmp`,
    failure,
    "roles.json",
    "durations.json",
    lock,
    "notes.json",
  ]
    .filter((name) => CACHE_NAMES.removable.test(name));
  assert.deepEqual(removable, [credentials, `${credentials}.onelogin-tmp`, failure, "roles.json", "durations.json"]);
});
