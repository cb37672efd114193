#!/bin/sh
# A power cut leaves some head of a log.  A finished and an interrupted one, cut at any byte, are
# never called altered, and go on to the same end.
#
# Of all lengths every STEP-th is tried with --verify (1: all, which takes minutes), beside each
# end of a line; CUTS of them are resumed.
. tests/lab/lab.sh
. tests/sim/sim.sh
STEP=${STEP:-4} CUTS=${CUTS:-18}

[ "$(id -u)" = 0 ] || skip_all "not root"
[ -c /dev/net/tun ] || skip_all "no /dev/net/tun"
sim_init "$1"
SCANNER=${SCANNER:-$B/sbin/postern}
is_nmap && skip_all "postern's own"

PLAN='-n -T4 --max-rate 500 --checkpoint 100ms -p 1-50 10.100.0.1-4'
cat >"$T/torn.sim" <<'END'
device	sim0 tun 10.90.0.1/24 10.90.0.254
seed	7
group	walled 10.100.0.1 ping=echo open=22 default=silent rtt=1
group	mixed 10.100.0.2 open_fraction=0.1 closed_fraction=0.4 default=silent rtt=1
group	linux 10.100.0.3 open=22,43 rtt=1
END
sim_up "$T/torn.sim" || { ok "the simulator is up" false; exit 1; }

# What --verify should say of each head of a log, and does not.
cat >"$T/verdicts.py" <<'END'
import re, subprocess, sys
scanner, log, cut, step, whole = *sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5])
text = open(log, "rb").read()
lines = [m.end() for m in re.finditer(rb"\n", text)]
records = [m.end() for m in re.finditer(rb"# postern: .* check [0-9a-f]{16}\n", text)]
def expected(n):
    if n == 0:
        return 1, "empty"
    if n < records[0]:
        return 1, "broken off within its header"
    torn = n - max(end for end in records if end <= n)
    if n == len(text):
        return whole, "complete;" if whole == 0 else "resumable;"
    return 75, f"last {torn} bytes are torn" if torn != 0 else "resumable;"
tried = sorted({0, *lines, *(n - 1 for n in lines), *range(1, len(text), step)})
for n in tried:
    with open(cut, "wb") as f:
        f.write(text[:n])
    run = subprocess.run([scanner, "--verify", cut], capture_output=True, text=True)
    status, said = expected(n)
    if run.returncode != status or said not in run.stderr or "altered" in run.stderr:
        print(f"{n} bytes: status {run.returncode}, {run.stderr.strip()}; expected {said}")
    elif n >= records[0] and run.stderr.count("\n") != 1 + ("torn" in said):
        print(f"{n} bytes: {run.stderr}")
print(len(tried), records[0], len(text), file=sys.stderr)
END

# What a log says of each host, but for times: its lines, each with its host before it.
findings() {
	sed -e '/^#/d' -e '/^$/d' -e 's/ ([0-9.]*s latency)//' "$1" |
	    awk '/^Nmap scan report for |^Host: / { host = $0 } { print host ": " $0 }' |
	    sort -V
}

# cut WHAT LENGTH FORMAT: that much of the log goes on to the same end.
cut() {
	head -c "$2" "$log" >"$T/cut"
	sim_scan "$SCANNER" --resume "$T/cut" >"$T/out" 2>"$T/err"
	status=$?
	if [ "$2" -lt "$header" ]; then
		same "$1 cut to $2 bytes is refused" "2 1" "$status $(wc -l <"$T/err")"
		has "which says what it lacks" "$T/err" 'broken off within its header'
		same "and stays as it is" "$(head -c "$2" "$log" | cksum)" "$(cksum <"$T/cut")"
		return
	fi
	[ $status -eq 0 ] || sed 's/^/# /' "$T/err"
	same "$1 cut to $2 bytes goes on to the end" 0 $status
	same "the same end" "$(findings "$T/whole.$3")" "$(findings "$T/cut")"
	"$SCANNER" --verify "$T/cut" 2>"$T/err"
	ok "all of it as it was written" test $? -eq 0
}

# each WHAT FORMAT STATUS: a log, of which --verify says so when it is whole.
each() {
	/usr/bin/python3 "$T/verdicts.py" "$SCANNER" "$log" "$T/cut" "$STEP" "$3" \
	    >"$T/wrong" 2>"$T/sizes"
	read -r tried header size <"$T/sizes"
	ok "$1 of $size bytes, $tried of its heads: none is altered, each torn one is said" \
	    test "${size:-0}" -gt "$header" -a ! -s "$T/wrong"
	sed 's/^/# /' "$T/wrong"
	cut "$1" $((header - 1)) "$2"
	cut "$1" "$header" "$2"
	cut "$1" $((size - 1)) "$2"
	for n in $(seq "$CUTS"); do
		cut "$1" $((header + (size - header) * n / (CUTS + 1))) "$2"
	done
}

# shellcheck disable=SC2086
sim_scan "$SCANNER" $PLAN -oN "$T/whole.N" -oG "$T/whole.G" >/dev/null
ok "a finished scan" test $? -eq 0
log=$T/whole.N
each "a finished log" N 0

log=$T/stopped.G
# shellcheck disable=SC2086
env --default-signal=INT ip netns exec "$SIM_NS" "$SCANNER" $PLAN -oG "$log" >/dev/null 2>&1 &
wait_for 10 grep -qs '^# postern: partial' "$log"
sleep 0.3
kill -INT $!
wait $!
same "an interrupted scan" 75 $?
each "an interrupted log" G 75

# listening FILE: of each host under way in a log, or in JSON, its ports that are open.
listening() {
	/usr/bin/python3 - "$1" <<'END'
import json, re, sys
open_ports = {}
for line in open(sys.argv[1]):
    if line[0] == "{":
        r = json.loads(line)
        if r.get("outcome") == "partial":
            open_ports[r["ip"]] = [p["port"] for p in r["ports"] if p["state"] == "open"]
    elif m := re.match(r"# postern: part (\S+) .* (\S+)$", line):
        for r in m[2].split(","):
            if n := re.match(r"(\d+)(?:-(\d+))?:o:", r):
                open_ports.setdefault(m[1], []).extend(range(int(n[1]), int(n[2] or n[1]) + 1))
    elif m := re.match(r"# postern: host (\S+) ", line):
        open_ports.pop(m[1], None)
for ip, ports in sorted(open_ports.items()):
    if ports:
        print(ip, sorted(set(ports)))
END
}

# What was found of hosts under way is there in the documents, of a crashed scan too.
head -c "$(grep -bo '^# postern: partial .*$' "$log" |
    awk -F: 'END { print $1 + length($0) - length($1) }')" "$log" >"$T/crashed"
for from in "$log" "$T/crashed"; do
	"$SCANNER" --convert "$from" -oJ "$T/parts.json" -oX "$T/parts.xml"
	same "${from##*/}, hosts under way, converted: status" 0 $?
	listening "$from" >"$T/ports"
	same "and all their open ports" "$(cat "$T/ports")" "$(listening "$T/parts.json")"
	ok "there are some (control)" grep -q '[0-9]]' "$T/ports"
	ok "and the hosts in XML" test "$(grep -c 'Not finished: ' "$T/parts.xml")" -ge \
	    "$(grep -c . "$T/ports")"
	rm "$T/parts.json" "$T/parts.xml"
done
tap_done
