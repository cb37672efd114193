#!/bin/sh
# test_helpers.sh BUILD: postern runs the helpers of its own build and no others.
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/lab.sh
lab_init "$1"

P=$T/tree
H=$P/libexec/postern
mkdir -p "$P/libexec"
chmod 755 "$P"

fresh() {
	rm -rf "$P/sbin" "$P/libexec"
	mkdir -p "$P/libexec"
	cp -r "$B/sbin" "$P/"
	cp -r "$B/libexec/postern" "$P/libexec/"
	chmod -R go-w "$P"
}

# refused WHAT STATUS WORD: it ends so, with one line that has the word in it.
refused() {
	unshare -n "$P/sbin/postern" --doctor >/dev/null 2>"$T/err"
	status=$?
	sed 's/^/# /' "$T/err"
	ok "$1" test $status -eq "$2" -a "$(grep -c "$3" "$T/err")" -ge 1
}

fresh
unshare -n "$P/sbin/postern" --doctor >"$T/out" 2>&1
ok "a copy of the tree works (control)" test $? -eq 0
for helper in resolver prober logger; do
	fresh
	chmod g+w "$H/$helper"
	refused "$helper that its group could have written" 4 "$helper"
	fresh
	chmod o+w "$H/$helper"
	refused "$helper that anyone could have written" 4 "$helper"
	fresh
	chown 65534 "$H/$helper"
	refused "$helper that belongs to another user" 4 "$helper"
	fresh
	rm "$H/$helper"
	refused "no $helper" 4 "$helper"
	fresh
	mv "$H/$helper" "$H/real"
	ln -s real "$H/$helper"
	refused "$helper that is a symbolic link" 4 "$helper"
done
fresh
chmod o+w "$H"
refused "a folder that anyone could have written" 4 libexec/postern
fresh
chown 65534 "$P/sbin/postern" "$H" "$H"/*
unshare -n "$P/sbin/postern" --doctor >"$T/out" 2>&1
ok "a tree that belongs to whoever owns postern works (control)" test $? -eq 0

# A logger that was built from another table of messages.
mkdir -p "$T/other/common"
echo '#define MSG_MAGIC 1U' >"$T/other/common/magic.h"
make -s B="$T/other" "$T/other/libexec/postern/logger" >/dev/null 2>&1
fresh
cp "$T/other/libexec/postern/logger" "$H/logger"
refused "a helper from another build" 70 "another table of messages"

# Never with another user's rights.
fresh
chmod u+s "$P/sbin/postern"
chmod 755 "$T" "$P"
setpriv --reuid 65534 --clear-groups "$P/sbin/postern" --doctor >/dev/null 2>"$T/err"
ok "setuid is refused" test $? -eq 4 -a "$(grep -c setuid "$T/err")" -eq 1
tap_done
