#!/bin/sh
# Installs onelogin-aws-assume-role from its GitHub releases into ~/.local/bin, for Linux and macOS.
#
#   curl --proto '=https' --tlsv1.2 -fsSL \
#     https://github.com/onelogin/onelogin-aws-assume-role/raw/main/packaging/install.sh | sh
#   sh install.sh --version 3.0.0 --dir /usr/local/bin
#
# The archive must match the release's SHA256SUMS; nothing is installed before that is certain. If the GitHub CLI is
# signed in, the attestation is verified too: it proves which workflow built the archive. --require-attestation makes
# that a condition. Nothing else is changed: no sudo, no PATH. OLAWS_RELEASES_URL names a mirror of
# https://github.com/…/releases.

set -eu

name=onelogin-aws-assume-role
repository=onelogin/onelogin-aws-assume-role

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "install.sh: error: $1"
  if [ $# -gt 1 ]; then say "install.sh: hint: $2"; fi
  exit 1
}

usage() {
  cat <<USAGE
usage: install.sh [--version VERSION] [--dir FOLDER] [--require-attestation]

  --version VERSION      the release to install, such as 3.0.0; default: the latest
  --dir FOLDER           the folder to install into; default: ~/.local/bin
  --require-attestation  stop unless the GitHub CLI (gh) can verify who built it
USAGE
}

has() { command -v "$1" >/dev/null 2>&1; }

# The words of the archive's name for this machine.
platform() {
  system=$(uname -s)
  machine=$(uname -m)
  case $system in
    Linux)
      if ldd --version 2>&1 | grep -qi musl; then
        fail "cannot install on this system: it has musl and the program needs glibc 2.27 or newer" \
          "on Alpine use the container image or a Debian-based one"
      fi
      os=linux
      ;;
    Darwin)
      os=macos
      # A shell under Rosetta says x86_64 on a machine that is not.
      if [ "$machine" = x86_64 ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || echo 0)" = 1 ]; then
        machine=arm64
      fi
      ;;
    MINGW* | MSYS* | CYGWIN*)
      fail "cannot install on Windows with this script" "use install.ps1, Scoop or winget"
      ;;
    *) fail "cannot install on \"$system\": there is no release for it" ;;
  esac
  case $machine in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "cannot install on \"$machine\": there is no release for it" ;;
  esac
  printf '%s-%s\n' "$os" "$arch"
}

# Sets protocol. The address is taken apart, so that a name before an "@" cannot pose as the host.
check_address() {
  refused='cannot use OLAWS_RELEASES_URL'
  case $releases in
    *[!A-Za-z0-9._~:/%@+-]*) fail "$refused: an address with a query or with other characters cannot be extended" ;;
  esac
  authority=${releases#*://}
  authority=${authority%%/*}
  case $authority in
    *@*) fail "$refused: it contains a user name" "leave out everything before the \"@\"" ;;
  esac
  port=
  case $authority in *:*) port=${authority#*:} ;; esac
  case $port in *[!0-9]*) fail "$refused: \"$port\" is not a port" ;; esac
  case $releases in
    https://*) protocol='=https' ;;
    http://*)
      case ${authority%%:*} in
        127.0.0.1 | localhost) protocol='=http' ;;
        *) fail "$refused: it is neither https nor on this machine" ;;
      esac
      ;;
    *) fail "$refused: it is neither https nor on this machine" ;;
  esac
  case $authority in '' | :*) fail "$refused: it names no host" ;; esac
}

# https only, after redirects too; http for tests on this machine.
fetch() {
  curl --proto "$protocol" --proto-redir "$protocol" --tlsv1.2 -fsSL --retry 2 --connect-timeout 20 "$@"
}

latest_version() {
  page=$(fetch -o /dev/null -w '%{url_effective}' "$releases/latest") ||
    fail "cannot find the latest release at $releases" "check the network and the proxy (HTTPS_PROXY), or give --version"
  case $page in
    */tag/v*) printf '%s\n' "${page##*/tag/v}" ;;
    *) fail "cannot find the latest release at $releases" "name one with --version" ;;
  esac
}

sum_of() {
  if has sha256sum; then sha256sum "$1" | cut -d ' ' -f 1; else shasum -a 256 "$1" | cut -d ' ' -f 1; fi
}

check_sum() {
  wanted=$(awk -v name="$2" '$2 == name || $2 == "*" name { print $1 }' "$1/SHA256SUMS")
  case $wanted in
    '') fail "cannot verify $2: SHA256SUMS of the release does not name it" ;;
    *[!0-9a-f]*) fail "cannot verify $2: SHA256SUMS of the release is damaged" ;;
  esac
  found=$(sum_of "$1/$2")
  if [ "$found" != "$wanted" ]; then
    fail "cannot trust $2: its checksum is $found, and the release says $wanted" \
      "the download may be incomplete: try again; if it happens again, report it"
  fi
  say "The checksum is right."
}

# Without --require-attestation, a GitHub CLI that is missing or not signed in is no failure.
check_attestation() {
  if [ -z "$required" ] && { ! has gh || ! gh auth status >/dev/null 2>&1; }; then
    say "Not checked: who built it. Sign in with the GitHub CLI (gh) to have that verified too."
    return
  fi
  has gh || fail "cannot verify who built the archive: the GitHub CLI (gh) is not installed"
  gh attestation verify "$1" --repo "$repository" \
    --signer-workflow "$repository/.github/workflows/release.yml" >/dev/null ||
    fail "cannot trust the archive: gh could not verify that $repository built it"
  say "The attestation is right."
}

main() {
  version=
  folder=
  required=
  while [ $# -gt 0 ]; do
    case $1 in
      --version | --dir)
        if [ $# -lt 2 ] || [ -z "$2" ]; then fail "cannot use $1: it needs a value"; fi
        if [ "$1" = --version ]; then version=${2#v}; else folder=$2; fi
        shift 2
        ;;
      --require-attestation)
        required=yes
        shift
        ;;
      -h | --help)
        usage
        exit 0
        ;;
      *)
        usage >&2
        fail "cannot use \"$1\": there is no such option"
        ;;
    esac
  done
  releases=${OLAWS_RELEASES_URL:-https://github.com/$repository/releases}
  check_address
  if [ -z "$folder" ]; then folder=${HOME:?HOME is not set: give --dir}/.local/bin; fi
  for tool in curl tar uname mktemp awk; do
    has "$tool" || fail "cannot install without $tool" "install $tool first"
  done
  if ! has sha256sum && ! has shasum; then fail "cannot verify a download without sha256sum or shasum"; fi

  target=$(platform)
  if [ -z "$version" ]; then version=$(latest_version); fi
  case $version in
    *[!0-9A-Za-z.+-]* | -* | .*) fail "cannot use the version \"$version\": it is written like 3.0.0" ;;
  esac
  archive=$name-$version-$target.tar.gz

  temporary=$(mktemp -d)
  staged=
  trap 'rm -rf "$temporary" ${staged:+"$staged"}' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  say "Downloading $archive…"
  for file in SHA256SUMS "$archive"; do
    fetch -o "$temporary/$file" "$releases/download/v$version/$file" ||
      fail "cannot download $file of version $version" "see which releases there are: $releases"
  done
  check_sum "$temporary" "$archive"
  check_attestation "$temporary/$archive"

  tar -xzf "$temporary/$archive" -C "$temporary" || fail "cannot unpack $archive"
  program=$temporary/${archive%.tar.gz}/$name
  if [ ! -f "$program" ] || [ -L "$program" ]; then fail "cannot find $name in $archive"; fi

  mkdir -p "$folder" || fail "cannot make the folder $folder" "name another one with --dir"
  # Beside its place, so that the last step is a rename: whoever runs it gets the old one or the new one.
  staged=$folder/.$name.$$
  cp "$program" "$staged" || fail "cannot write to $folder" "name another folder with --dir"
  chmod 755 "$staged"
  # With no variable of this shell: a program that was not verified gets no token.
  said=$(env -i HOME="$temporary" "$staged" --version) || fail "cannot run the new program on this machine: $said"
  case "$said " in
    "$name $version "*) ;;
    *) fail "cannot trust the new program: it says it is \"$said\", not $version" ;;
  esac
  mv -f "$staged" "$folder/$name"
  staged=
  say "Installed $said: $folder/$name"
  case ":$PATH:" in
    *":$folder:"*) ;;
    *) say "It is not on your PATH yet; add to your shell's profile: export PATH=\"$folder:\$PATH\"" ;;
  esac
}

# The whole script has been read when this line is: a download that was cut off does nothing.
main "$@"
