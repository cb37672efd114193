#!/bin/sh
# deps.sh package ...: install what is missing of Debian's packages; silent when nothing is.
missing=
for p; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q ' installed$' ||
	    missing="$missing $p"
done
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || { echo "install by hand:$missing" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "not root: install by hand:$missing" >&2; exit 1; }
echo "installing:$missing"
apt-get update -q >/dev/null
# Services that packages bring must not start: the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap 'rm -f $policy' EXIT
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
fi
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing \
    </dev/null >/dev/null
