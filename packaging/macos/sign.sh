#!/bin/sh
# Signs programs with a Developer ID and has Apple notarise them, on macOS. The workflow "release" runs it.
#
#   sh packaging/macos/sign.sh PROGRAM...
#   sh packaging/macos/sign.sh --ad-hoc PROGRAM...
#
# With --ad-hoc it needs no certificate: the signature then says that a program is undamaged, and not whose it is. From the environment: APPLE_CERTIFICATE (a .p12 file in base64) with APPLE_CERTIFICATE_PASSWORD, and the key for the
# notary service: APPLE_API_KEY (the text of the .p8 file), APPLE_API_KEY_ID, APPLE_API_ISSUER.

set -eu

fail() {
  printf 'sign.sh: error: %s\n' "$1" >&2
  exit 1
}

finish() {
  if [ -e "$keychain" ]; then security delete-keychain "$keychain" || true; fi
  rm -rf "$work"
}

main() {
  ad_hoc=
  if [ "${1-}" = --ad-hoc ]; then
    ad_hoc=yes
    shift
  fi
  if [ $# -eq 0 ]; then fail "cannot sign: no program is named"; fi
  for program in "$@"; do
    if [ ! -f "$program" ]; then fail "cannot sign $program: there is no such file"; fi
  done
  if [ -n "$ad_hoc" ]; then
    for program in "$@"; do
      chmod 755 "$program"
      codesign --force --sign - --identifier onelogin-aws-assume-role "$program"
      codesign --verify --strict "$program"
    done
    return
  fi
  for name in APPLE_CERTIFICATE APPLE_CERTIFICATE_PASSWORD APPLE_API_KEY APPLE_API_KEY_ID APPLE_API_ISSUER; do
    eval "value=\${$name-}"
    if [ -z "$value" ]; then fail "cannot sign: $name is not set"; fi
  done
  here=$(cd "$(dirname "$0")" && pwd)
  umask 077
  work=$(mktemp -d)
  keychain=$work/sign.keychain-db
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  # A keychain for this run only, with a password that nobody knows.
  secret=$(openssl rand -hex 24)
  printf '%s' "$APPLE_CERTIFICATE" | base64 -d >"$work/certificate.p12"
  printf '%s\n' "$APPLE_API_KEY" >"$work/key.p8"
  security create-keychain -p "$secret" "$keychain"
  security set-keychain-settings -lut 3600 "$keychain"
  security unlock-keychain -p "$secret" "$keychain"
  security import "$work/certificate.p12" -k "$keychain" -f pkcs12 -P "$APPLE_CERTIFICATE_PASSWORD" -T /usr/bin/codesign
  security set-key-partition-list -S apple-tool:,apple: -s -k "$secret" "$keychain" >/dev/null
  # codesign looks for the chain of the certificate in the keychains of the list; deleting this one takes it off again.
  security list-keychains -d user | tr -d '"' | xargs security list-keychains -d user -s "$keychain"
  identity=$(security find-identity -v -p codesigning "$keychain" | awk '/Developer ID Application/ { print $2; exit }')
  if [ -z "$identity" ]; then fail "cannot sign: the certificate is no \"Developer ID Application\""; fi

  mkdir "$work/programs"
  for program in "$@"; do
    chmod 755 "$program"
    codesign --force --sign "$identity" --keychain "$keychain" --options runtime --timestamp \
      --identifier onelogin-aws-assume-role --entitlements "$here/entitlements.plist" "$program"
    codesign --verify --strict "$program"
    # Both programs have one name; each goes into a folder of its own.
    folder=$work/programs/$(basename "$(dirname "$program")")
    mkdir "$folder" || fail "cannot sign $program: two programs lie in folders of one name"
    cp "$program" "$folder/"
  done

  # The ticket stays with Apple, and macOS asks for it there: only bundles and images can have one stapled to them.
  ditto -c -k "$work/programs" "$work/programs.zip"
  said=$(xcrun notarytool submit "$work/programs.zip" --key "$work/key.p8" --key-id "$APPLE_API_KEY_ID" \
    --issuer "$APPLE_API_ISSUER" --wait --timeout 30m) || fail "cannot notarise: $said"
  printf '%s\n' "$said"
  # It ends well, too, when Apple has said no.
  case $said in
    *"status: Accepted"*) ;;
    *) fail "cannot notarise: Apple has not accepted it" ;;
  esac
}

main "$@"
