# cases.sh: what is measured, one function a case; bench.sh sources it and says what the words mean.
#
#   scenario NAME PORTS TITLE	the network, and the ports that the truth is asked of
#   names N TITLE [RULE]	a server of so many names; RULE, nftables', loses some queries
#   tool NAME KIND COMMAND	who is measured, on which kind of device; $R: where its report goes
#   limit SECONDS		what physics asks for, where it is not a bare sending loop's time
#   reach "TOOL WHAT OP NUMBER [OTHER]"	a number to reach; with OTHER, NUMBER times what that has
#
# WHAT is a column of the raw results.  A peer gets its best setting: zmap and masscan are on TAP
# (on TUN zmap 2.1.1 does not start, and masscan missed a quarter of the open ports and more);
# masscan waits 1 s at the end, not 10, and where it is to miss nothing sends 100,000 a second:
# 200,000 was no faster over all, and at 1,000,000 the simulator had no room for its packets.

CASES_ALL="firewalled16 firewalled16-80ms silent18 cable18 flat18 rst50 loss5 loss20 slash24 dead16 \
narrow single names16 names16-loss5 names12-limit names12-dead"

# What they have in common; expanded when they are run.  Of XML, which says the state of each port.
P='$POSTERN -n -oX $R'
NMAP='nmap -n -oX $R'

# `bare METHOD KIND` is the physical limit of a sweep: the same packets without a scanner.
bare() {
	tool "bare-$1-$2" "$2" "\$BLAST -c 819200 -m $1 -i sim0 \${SIM_MAC:+-g \$SIM_MAC} \
10.100.0.0/18 1-50"
}

# versus_nmap OURS ITS FACTOR: options and targets; at most FACTOR times its time.
versus_nmap() {
	tool postern tun "$P $1"
	tool nmap tun "$NMAP $2"
	bare rawmmsg tun
	reach "postern wall <= $3 nmap"
}

case_firewalled16() {
	scenario firewalled16 1-1000 "16 firewalled hosts x 1,000 ports"
	versus_nmap "-T4 -p 1-1000 10.100.0.1-16" "-T4 -p 1-1000 10.100.0.1-16" 0.05
	reach "postern wrong <= 0"
}

case_firewalled16_80ms() {
	scenario firewalled16-80ms 1-1000 "the same at 80 ms, 1 % loss each way"
	versus_nmap "-T4 -p 1-1000 10.100.0.1-16" "-T4 -p 1-1000 10.100.0.1-16" 0.1
	reach "postern wrong <= 0"
}

sweep="-Pn -T5 --min-rate 10000000 --max-retries 0 -p 1-50 10.100.0.0/18"
masscan_sweep='--rate 10000000 --wait 1 -p 1-50 -oL $R 10.100.0.0/18'
zmap_sweep="zmap -q -i sim0 -G \$SIM_MAC -b /dev/null -r 10000000 -c 1 -p 80 -P 50 -o \$R \
10.100.0.0/18"

case_silent18() {
	scenario silent18 none "silent /18 x 50 ports"
	tool postern-raw tun "$P $sweep"
	tool postern-raw-tap tap "$P $sweep"
	tool postern-eth tap "$P --send-eth $sweep"
	tool masscan tap "masscan $masscan_sweep"
	for threads in 1 2; do tool zmap-$threads tap "$zmap_sweep -T $threads"; done
	for method in raw rawmmsg; do bare $method tun; bare $method tap; done
	for method in packet packetmmsg txring; do bare $method tap; done
	for peer in masscan zmap-1 zmap-2; do reach "postern-eth rate >= 1 $peer"; done
	reach "postern-eth rate >= 0.95 bare-packetmmsg-tap"
	reach "postern-raw rate >= 0.95 bare-rawmmsg-tun"
	reach "postern-raw-tap rate >= 0.95 bare-rawmmsg-tap"
}

# The same into a cable.  What it costs to send there, and not what the simulator does meanwhile.
case_cable18() {
	scenario silent18 none "the same into a cable that leads nowhere"
	NET=cable
	tool postern-raw cable "$P $sweep"
	tool postern-eth cable "$P --send-eth $sweep"
	tool masscan cable "masscan --router-mac \$SIM_MAC $masscan_sweep"
	for threads in 1 2; do tool zmap-$threads cable "$zmap_sweep -T $threads"; done
	for method in rawmmsg packet packetmmsg; do bare $method cable; done
	for peer in masscan zmap-1 zmap-2; do reach "postern-eth rate >= 1 $peer"; done
	reach "postern-eth rate >= 0.95 bare-packetmmsg-cable"
	reach "postern-raw rate >= 0.95 bare-rawmmsg-cable"
}

case_flat18() {
	scenario flat18 80-81 "/18, ports 80 (open) and 81 (closed)"
	tool postern tun "$P -Pn -T4 -p 80,81 10.100.0.0/18"
	tool postern-eth tap "$P --send-eth -Pn -T4 -p 80,81 10.100.0.0/18"
	tool nmap tun "$NMAP -Pn -T4 -p 80,81 10.100.0.0/18"
	tool masscan tap 'masscan --rate 100000 --wait 1 -p 80-81 -oL $R 10.100.0.0/18'
	bare rawmmsg tun
	for us in postern postern-eth; do
		for peer in nmap masscan; do reach "$us wall <= 1 $peer"; done
		reach "$us missed <= 0"
		reach "$us wrong <= 0"
	done
}

# Each host has 997 closed ports, of which the first 5 are free.
case_rst50() {
	scenario rst50 1-1000 "2 hosts, 50 RSTs a second, 1,000 ports"
	limit 19.84
	tool postern tun "$P -T4 -p 1-1000 10.100.0.1-2"
	tool nmap tun "$NMAP -T4 -p 1-1000 10.100.0.1-2"
	reach "postern wrong <= 0"
	reach "postern wall <= 1.15 limit"
}

lossy() {
	scenario "loss$1" 1-1000 "16 hosts x 1,000 ports, $1 % loss each way"
	versus_nmap "-T3 -p 1-1000 10.100.0.1-16" "-T4 -p 1-1000 10.100.0.1-16" 1
	reach "postern missed <= 0"
}
case_loss5() { lossy 5; }
case_loss20() { lossy 20; }

case_slash24() {
	scenario slash24 none "/24 with 21 hosts up, ping only"
	versus_nmap "-T4 -sn 10.100.0.0/24" "-T4 -sn 10.100.0.0/24" 0.333
	reach "postern wrong <= 0"
}

case_dead16() {
	scenario dead16 none "dead /16, ping only"
	versus_nmap "-T4 -sn 10.100.0.0/16" "-T4 -sn 10.100.0.0/16" 0.333
	reach "postern wall <= 5"
	reach "postern wrong <= 0"
}

# What has to be sent: each port once, and the silent ones a second time; 84 bytes each.
case_narrow() {
	scenario narrow 1-1000 "64 hosts behind 10 Mbit/s, queue of 20"
	limit "$(awk '$2 != "-" { n += 1 + ($3 == "filtered") }
	    END { printf "%.2f", n * 84 * 8 / 10e6 }' "$T/truth")"
	tool postern tun "$P -T4 -p 1-1000 10.100.0.0/26"
	tool nmap tun "$NMAP -T4 -p 1-1000 10.100.0.0/26"
	reach "postern own_loss <= 0.02"
	reach "postern wrong <= 0"
	reach "postern wall <= 1.3 limit"
}

# The same engine without processes, messages and sandbox: `single PORTS TARGETS`.
case_single() {
	scenario silent18 none "engine in one process against the four"
	tool postern tun "$P -Pn -T5 --min-rate 10000000 --max-retries 0 -p 1-50 10.100.0.0/18"
	tool single tun '$B/tests/bench/single 1-50 10.100.0.0/18'
	reach "postern wall <= 1.03 single"
}

# lookup SERVERS TARGETS SECONDS [TOOL]: the names and nothing else, and in what time.
lookup() {
	tool postern - "\$POSTERN -sL --dns-servers $1 -oG \$R $2"
	tool nmap - "nmap -sL --dns-servers $1 -oG \$R $2"
	reach "postern wall <= $3${4:+ $4}"
	reach "postern missed <= 0"
	reach "postern wrong <= 0"
}

case_names16() {
	names 65536 "names of a /16"
	lookup "$SERVER" 10.200.0.0/16 1 nmap
}

case_names16_loss5() {
	names 65536 "the same, 5 % of the queries lost" \
	    "udp dport 53 numgen random mod 100 < 5 drop"
	lookup "$SERVER" 10.200.0.0/16 5
}

# The bucket is full at the start.
case_names12_limit() {
	names 4096 "names of a /20, 2,000 queries a second and no more" \
	    "udp dport 53 limit rate over 2000/second burst 100 packets drop"
	limit 2.00
	lookup "$SERVER" 10.200.0.0/20 3
}

case_names12_dead() {
	names 4096 "names of a /20, first server of two dead"
	lookup "$DEAD,$SERVER" 10.200.0.0/20 1
}
