#!/bin/sh
# Installs the programs that tests talk to, where that is possible; elsewhere says so, and those tests skip.
set -eu
missing=""
for program in tshark tcpdump nginx curl ip; do
    command -v "$program" >/dev/null 2>&1 || [ -x "/usr/sbin/$program" ] || missing="$missing $program"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
    echo "not installed:$missing (no apt-get as root here; tests that need them skip)"
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends tshark tcpdump nginx-light curl iproute2 >/dev/null
