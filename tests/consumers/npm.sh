#!/bin/sh
# npm.sh build: the packages of npm that package-lock.json names, into build/tests/consumers.
#
# None of their scripts runs.  Without them the tests that need them are skipped, and say so.
to=$1/tests/consumers
cd "$(dirname "$0")/../.." || exit 1
command -v npm >/dev/null || { echo "no npm: its packages are not there" >&2; exit 0; }
cmp -s tests/consumers/package-lock.json "$to/installed" && exit 0
mkdir -p "$to" && cd "$to" || exit 1
from=$OLDPWD/tests/consumers
cp "$from/package.json" "$from/package-lock.json" "$from/.npmrc" . || exit 1
echo "installing from npm: $(sed -n 's/^\t\t"\([^"]*\)": .*/\1/p' package.json | paste -sd' ' -)"
npm ci --no-audit --no-fund --loglevel=error </dev/null >/dev/null &&
    cp package-lock.json installed ||
    echo "npm failed: its packages are not there" >&2
