#!/bin/sh
# The table of messages is held by the compiler: a room that does not fit it does not build.
B=$1
failed=0
T=$(mktemp -d) && trap 'rm -rf "$T"' EXIT || exit 1

ok() {
	what=$1; shift
	if "$@"; then echo "ok - $what"; else echo "not ok - $what"; failed=1; fi
}

# The resolver's dispatch.c as we changed it, with the headers as we changed them.
compiles() {
	# shellcheck disable=SC2046
	${CC:-cc} -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -Wmissing-prototypes \
	    -I"$T/common" -I"$B/common" -Iresolver $(pkg-config --cflags libcares) \
	    -c -o "$T/o" "$T/dispatch.c" 2>"$T/err"
}

fresh() {
	rm -rf "$T/common"
	mkdir "$T/common"
	cp common/*.h "$T/common"
	cp resolver/dispatch.c "$T/dispatch.c"
}

# change FILE SED: it must change something.
change() {
	cp "$T/$1" "$T/before"
	sed -i "$2" "$T/$1"
	! cmp -s "$T/before" "$T/$1" || { echo "not ok - $1 is no longer changed by $2"; failed=1; }
}

# refused WHAT WORD: does not compile, and the compiler's reason has the word in it.
refused() {
	if compiles; then
		ok "$1" false
	else
		grep -q "$2" "$T/err" || sed 's/^/# /' "$T/err"
		ok "$1" grep -q "$2" "$T/err"
	fi
}

fresh
compiles || sed 's/^/# /' "$T/err"
ok "unchanged, it compiles (control)" test -s "$T/o"

fresh
echo 'static void on_targets(struct chan *c, const struct msg *m) { (void)c; (void)m; }' \
    >>"$T/dispatch.c"
refused "a handler for another process' message" on_targets

fresh
change dispatch.c 's/TO_RESOLVER(ROW)/& TO_PROBER(ROW)/'
refused "rows of another process" on_probeconfig

fresh
change dispatch.c '/^on_reverse(/s/on_reverse/on_reversed/'
refused "a handler that is missing" on_reverse

fresh
change common/messages.h 's/M(FORWARD,.*/&\n\tM(BACKWARD, forward, PARENT, RUN) \\/'
refused "a second message with the same payload" forward

fresh
change common/messages.h 's/M(FORWARD,.*/&\n\tM(SIDEWAYS, sideways, PARENT, RUN) \\/'
refused "a message without a payload" sideways

fresh
change common/payloads.h 's/^struct msg_forward {/&\n\tuint8_t\t odd;/'
refused "a payload with padding" 'padding struct'

fresh
change common/payloads.h 's/^struct msg_forward {/&\n\tuint8_t\t more[MSG_SIZE];/'
refused "a payload that does not fit a message" 'one size for all messages'

fresh
change dispatch.c '/^on_forward(/s/const //'
refused "a handler that could change its message" incompatible
exit $failed
