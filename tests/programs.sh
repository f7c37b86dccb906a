#!/bin/sh
# Installs the programs that tests and recordings talk to, where that is possible; elsewhere says what is missing, and
# those tests skip (with CI=true they fail).
set -eu

missing() {
    for program in tshark tcpdump nginx curl wrk ip zsh chromium; do
        command -v "$program" >/dev/null 2>&1 || [ -x "/usr/sbin/$program" ] || printf ' %s' "$program"
    done
}

[ -n "$(missing)" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
    echo "not installed:$(missing) (no apt-get as root here; tests that need them skip)"
    exit 0
fi
packages=""
for program in $(missing); do
    case $program in
        nginx) packages="$packages nginx-light" ;;
        ip) packages="$packages iproute2" ;;
        *) packages="$packages $program" ;;
    esac
done
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # a list of words
apt-get install -y -qq --no-install-recommends $packages >/dev/null
[ -z "$(missing)" ] || echo "still not installed:$(missing) (tests that need them skip)"
