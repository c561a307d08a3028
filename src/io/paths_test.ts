import assert from "node:assert/strict";
import { posix, win32 } from "node:path";
import fc from "fast-check";
import { Exit, UserError } from "../errors.ts";
import {
  folderOf,
  homeFolder,
  isAbsolutePath,
  joinPath,
  linkTarget,
  lookAt,
  lookAtLink,
  makeFolder,
  parentFolder,
  placesFor,
  removeFile,
  resolvePath,
  userPath,
} from "./paths.ts";

Deno.test("resolvePath: agrees with Node's path.posix.resolve", () => {
  const path = fc.array(fc.constantFrom("/", "a", "bc", ".", "..", "//", "é x"), { maxLength: 8 }).map((all) =>
    all.join("")
  );
  fc.assert(
    fc.property(path, path, (base, to) => {
      assert.equal(resolvePath("linux", `/${base}`, to), posix.resolve(`/${base}`, to));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("resolvePath: agrees with Node's path.win32.resolve", () => {
  const path = fc.array(fc.constantFrom("\\", "/", "a", "bc", ".", "..", "é x"), { maxLength: 8 }).map((all) =>
    all.join("")
  );
  const start = fc.constantFrom("C:\\", "c:\\x\\", "\\\\server\\share\\", "D:\\y");
  fc.assert(
    fc.property(start, path, fc.constantFrom("", "C:", "C:\\", "\\\\srv\\sh\\"), path, (root, base, prefix, to) => {
      // A name glued to a drive ("D:\y" + "a") is the base's matter; "\\a" would begin a share of its own.
      const from = `${root}\\${base}`;
      const target = prefix === "" ? to.replace(/^[\\/]+/, "\\") : `${prefix}${to}`;
      if (prefix === "C:" && !/^c:/i.test(root)) return;
      if (root.startsWith("\\\\") && /^[\\/]/.test(target) && prefix === "") return;
      const expected = win32.resolve(from, target);
      const got = resolvePath("windows", from, target);
      const bare = (text: string) => text.toLowerCase().replace(/\\+$/, "");
      assert.equal(bare(got), bare(expected), `${from} + ${target}`);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("isAbsolutePath: \\dir and C:dir are not absolute on Windows", () => {
  assert.deepEqual(["C:\\a", "\\\\s\\h", "\\a", "C:a", "a"].map((path) => isAbsolutePath("windows", path)), [
    true,
    true,
    false,
    false,
    false,
  ]);
  assert.deepEqual(["/a", "a", "~/a"].map((path) => isAbsolutePath("linux", path)), [true, false, false]);
});

Deno.test("parentFolder, joinPath: the parts of a path", () => {
  assert.equal(parentFolder("linux", "/a/b"), "/a");
  assert.equal(parentFolder("linux", "/"), "/");
  assert.equal(parentFolder("windows", "C:\\a"), "C:\\");
  assert.equal(joinPath("linux", "/", ".aws", "config"), "/.aws/config");
  assert.equal(joinPath("windows", "C:\\Users\\Ada", ".aws"), "C:\\Users\\Ada\\.aws");
});

Deno.test("homeFolder: HOME, on Windows USERPROFILE and then HOMEDRIVE with HOMEPATH", () => {
  assert.equal(homeFolder("linux", { HOME: "/home/ada/", USERPROFILE: "C:\\no" }), "/home/ada");
  assert.equal(homeFolder("windows", { HOME: "/no", USERPROFILE: "C:\\Users\\Ada" }), "C:\\Users\\Ada");
  assert.equal(homeFolder("windows", { HOMEDRIVE: "D:", HOMEPATH: "\\Ada" }), "D:\\Ada");
});

Deno.test("homeFolder: missing, empty or relative is a usage error with a hint", () => {
  for (
    const [platform, env] of [
      ["linux", {}],
      ["linux", { HOME: "" }],
      ["linux", { HOME: "ada" }],
      ["darwin", { USERPROFILE: "/x" }],
      ["windows", { HOME: "/x" }],
      ["windows", { HOMEPATH: "\\Ada" }],
    ] as const
  ) {
    assert.throws(() => homeFolder(platform, env), (error) => {
      return error instanceof UserError && error.exit === Exit.usage && error.hints.length > 0;
    });
  }
});

Deno.test("userPath: ~ is the home folder, ~name is not", () => {
  const at = (path: string) => userPath("linux", "/home/ada", "/work", path);
  assert.deepEqual(["~", "~/x", "~bob/x", "x", "/x", "~/../eve"].map(at), [
    "/home/ada",
    "/home/ada/x",
    "/work/~bob/x",
    "/work/x",
    "/x",
    "/home/eve",
  ]);
  assert.equal(userPath("windows", "C:\\Users\\Ada", "D:\\w", "~\\x/y"), "C:\\Users\\Ada\\x\\y");
});

Deno.test("placesFor: --file before AWS_SHARED_CREDENTIALS_FILE before the default", () => {
  const context = (env: Record<string, string>) => ({
    env: { HOME: "/h", ...env },
    cwd: "/w",
    platform: "linux" as const,
  });
  assert.equal(placesFor({}, context({})).credentialsFile, "/h/.aws/credentials");
  assert.equal(placesFor({}, context({ AWS_SHARED_CREDENTIALS_FILE: "~/c" })).credentialsFile, "/h/c");
  assert.equal(placesFor({ file: "f" }, context({ AWS_SHARED_CREDENTIALS_FILE: "~/c" })).credentialsFile, "/w/f");
  assert.equal(
    placesFor({ file: "" }, context({ AWS_SHARED_CREDENTIALS_FILE: "" })).credentialsFile,
    "/h/.aws/credentials",
  );
  assert.equal(placesFor({}, context({ AWS_CONFIG_FILE: "cfg" })).configFile, "/w/cfg");
  assert.deepEqual(placesFor({ configFolder: "~/c" }, context({})).searchFolders, ["/h/c", "/w", "/h/.onelogin"]);
  assert.deepEqual(placesFor({}, context({})).searchFolders, ["/w", "/h/.onelogin"]);
});

Deno.test("placesFor(): a network path of Windows is refused with its name, and a working folder there is left out", () => {
  const home = "C:\\Users\\ada";
  const places = (
    options: { file?: string; configFolder?: string },
    env: Record<string, string> = {},
    cwd = "C:\\work",
  ) => placesFor(options, { env: { USERPROFILE: home, ...env }, cwd, platform: "windows" });
  const share = "\\\\fs\\home\\ada";
  const cases: readonly (readonly [() => unknown, string])[] = [
    [() => places({ file: `${share}\\creds` }), "--file"],
    [() => places({ file: "//fs/home/creds" }), "--file"],
    [() => places({ file: "\\\\?\\C:\\creds" }), "--file"],
    [() => places({ file: "creds" }, {}, share), "--file"],
    [() => places({ configFolder: share }), "--config-file-path"],
    [() => places({}, { USERPROFILE: share }), "USERPROFILE"],
    [() => places({}, { AWS_SHARED_CREDENTIALS_FILE: `${share}\\creds` }), "AWS_SHARED_CREDENTIALS_FILE"],
    [() => places({}, { AWS_CONFIG_FILE: `${share}\\config` }), "AWS_CONFIG_FILE"],
  ];
  for (const [work, name] of cases) {
    assert.throws(
      work,
      (error: UserError) =>
        error instanceof UserError && error.exit === 2 && error.message.includes(name) &&
        error.message.includes("network path") && error.hints.join().includes(name),
    );
  }
  assert.deepEqual(places({}, {}, share).searchFolders, [`${home}\\.onelogin`]);
  // Two slashes are a plain path elsewhere.
  assert.equal(placesFor({ file: "//x/y" }, { env: { HOME: "/h" }, cwd: "/", platform: "linux" }).file, "/x/y");
});

Deno.test("lookAt and its like: the commands are those of the system whose path it is, with single backslashes", () => {
  assert.equal(lookAt("/home/ada/.aws"), 'ls -ld "/home/ada/.aws"');
  assert.equal(lookAt("C:\\Users\\Ada L\\.aws"), 'icacls "C:\\Users\\Ada L\\.aws"');
  assert.equal(lookAtLink("/a"), 'ls -l "/a"');
  assert.equal(lookAtLink("C:\\a"), 'dir "C:\\a"');
  assert.equal(makeFolder("/a"), 'mkdir -p -m 700 "/a"');
  assert.equal(makeFolder("D:\\a"), 'mkdir "D:\\a"');
  assert.equal(removeFile("/a"), 'rm "/a"');
  assert.equal(removeFile("D:\\a"), 'del "D:\\a"');
});

Deno.test("folderOf(), linkTarget(): by the kind of the path, a backslash in a name on Unix included", () => {
  assert.equal(folderOf("/a/b\\c"), "/a");
  assert.equal(folderOf("/a"), "/");
  assert.equal(folderOf("/"), "/");
  assert.equal(folderOf("C:\\a\\b"), "C:\\a");
  assert.equal(folderOf("C:\\a"), "C:\\");
  assert.equal(linkTarget("/a/b", "../c/./d"), "/a/c/d");
  assert.equal(linkTarget("/a/b", "/x/link/../y"), "/x/link/../y");
  assert.equal(linkTarget("/a/b", "c\\d"), "/a/b/c\\d");
  assert.equal(linkTarget("C:\\a\\b", "..\\c/d"), "C:\\a\\c\\d");
  assert.equal(linkTarget("C:\\a\\b", "D:\\x"), "D:\\x");
});
