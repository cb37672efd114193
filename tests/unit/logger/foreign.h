/*
 * The logs that nmap 7.93 wrote of three runs, each behind the one before: four hosts up and two
 * down; two that were given up; one more.  And when which of them was finished.
 */

#ifndef FOREIGN_H
#define FOREIGN_H

#define NMAP_NORMAL \
	"# Nmap 7.93 scan initiated Mon Nov 23 02:48:45 2026 as: nmap -v -n --reason -p " \
	"22,80 -oN s.n -oG s.g a.example 127.0.0.3 10.9.0.7-8 127.0.0.4 localhost\n" \
	"Nmap scan report for 10.9.0.7 [host down, received no-response]\n" \
	"Nmap scan report for 10.9.0.8 [host down, received no-response]\n" \
	"Nmap scan report for a.example (127.0.0.2)\n" \
	"Host is up, received localhost-response (0.000041s latency).\n" \
	"\n" \
	"PORT   STATE  SERVICE REASON\n" \
	"22/tcp closed ssh     reset ttl 64\n" \
	"80/tcp closed http    reset ttl 64\n" \
	"\n" \
	"Nmap scan report for 127.0.0.3\n" \
	"Host is up, received localhost-response (0.0000080s latency).\n" \
	"\n" \
	"PORT   STATE  SERVICE REASON\n" \
	"22/tcp closed ssh     reset ttl 64\n" \
	"80/tcp closed http    reset ttl 64\n" \
	"\n" \
	"Nmap scan report for 127.0.0.4\n" \
	"Host is up, received localhost-response (0.0000070s latency).\n" \
	"\n" \
	"PORT   STATE  SERVICE REASON\n" \
	"22/tcp closed ssh     reset ttl 64\n" \
	"80/tcp closed http    reset ttl 64\n" \
	"\n" \
	"Nmap scan report for localhost (127.0.0.1)\n" \
	"Host is up, received localhost-response (0.0000080s latency).\n" \
	"\n" \
	"PORT   STATE  SERVICE REASON\n" \
	"22/tcp closed ssh     reset ttl 64\n" \
	"80/tcp closed http    reset ttl 64\n" \
	"\n" \
	"Read data files from: /usr/bin/../share/nmap\n" \
	"# Nmap done at Mon Nov 23 02:48:47 2026 -- 6 IP addresses (4 hosts up) scanned " \
	"in 1.51 seconds\n" \
	"# Nmap 7.93 scan initiated Mon Nov 23 02:48:47 2026 as: nmap -n -p 1-3000 " \
	"--host-timeout 1ms --append-output -oN s.n -oG s.g 127.0.0.5 127.0.0.6\n" \
	"Nmap scan report for 127.0.0.5\n" \
	"Host is up (0.0000050s latency).\n" \
	"Skipping host 127.0.0.5 due to host timeout\n" \
	"Nmap scan report for 127.0.0.6\n" \
	"Host is up (0.0000050s latency).\n" \
	"Skipping host 127.0.0.6 due to host timeout\n" \
	"# Nmap done at Mon Nov 23 02:48:47 2026 -- 2 IP addresses (2 hosts up) scanned " \
	"in 0.07 seconds\n" \
	"# Nmap 7.93 scan initiated Mon Nov 23 02:48:47 2026 as: nmap -n -p 80 " \
	"--append-output -oN s.n -oG s.g 127.0.0.7\n" \
	"Nmap scan report for 127.0.0.7\n" \
	"Host is up (0.000039s latency).\n" \
	"\n" \
	"PORT   STATE  SERVICE\n" \
	"80/tcp closed http\n" \
	"\n" \
	"# Nmap done at Mon Nov 23 02:48:47 2026 -- 1 IP address (1 host up) scanned in " \
	"0.06 seconds\n"

#define NMAP_GREPABLE \
	"# Nmap 7.93 scan initiated Mon Nov 23 02:48:45 2026 as: nmap -v -n --reason -p " \
	"22,80 -oN s.n -oG s.g a.example 127.0.0.3 10.9.0.7-8 127.0.0.4 localhost\n" \
	"# Ports scanned: TCP(2;22,80) UDP(0;) SCTP(0;) PROTOCOLS(0;)\n" \
	"Host: 10.9.0.7 ()\tStatus: Down\n" \
	"Host: 10.9.0.8 ()\tStatus: Down\n" \
	"Host: 127.0.0.2 ()\tStatus: Up\n" \
	"Host: 127.0.0.2 ()\tPorts: 22/closed/tcp//ssh///, 80/closed/tcp//http///\n" \
	"Host: 127.0.0.3 ()\tStatus: Up\n" \
	"Host: 127.0.0.3 ()\tPorts: 22/closed/tcp//ssh///, 80/closed/tcp//http///\n" \
	"Host: 127.0.0.4 ()\tStatus: Up\n" \
	"Host: 127.0.0.4 ()\tPorts: 22/closed/tcp//ssh///, 80/closed/tcp//http///\n" \
	"Host: 127.0.0.1 ()\tStatus: Up\n" \
	"Host: 127.0.0.1 ()\tPorts: 22/closed/tcp//ssh///, 80/closed/tcp//http///\n" \
	"# Nmap done at Mon Nov 23 02:48:47 2026 -- 6 IP addresses (4 hosts up) scanned " \
	"in 1.51 seconds\n" \
	"# Nmap 7.93 scan initiated Mon Nov 23 02:48:47 2026 as: nmap -n -p 1-3000 " \
	"--host-timeout 1ms --append-output -oN s.n -oG s.g 127.0.0.5 127.0.0.6\n" \
	"Host: 127.0.0.5 ()\tStatus: Up\n" \
	"Host: 127.0.0.5 ()\tStatus: Timeout\n" \
	"Host: 127.0.0.6 ()\tStatus: Up\n" \
	"Host: 127.0.0.6 ()\tStatus: Timeout\n" \
	"# Nmap done at Mon Nov 23 02:48:47 2026 -- 2 IP addresses (2 hosts up) scanned " \
	"in 0.07 seconds\n" \
	"# Nmap 7.93 scan initiated Mon Nov 23 02:48:47 2026 as: nmap -n -p 80 " \
	"--append-output -oN s.n -oG s.g 127.0.0.7\n" \
	"Host: 127.0.0.7 ()\tStatus: Up\n" \
	"Host: 127.0.0.7 ()\tPorts: 80/closed/tcp//http///\n" \
	"# Nmap done at Mon Nov 23 02:48:47 2026 -- 1 IP address (1 host up) scanned in " \
	"0.06 seconds\n"

/* A host is finished once these lines are whole. */
struct finish {
	const char	*address;
	const char	*lines;
};

#define NORMAL_FINISHES	{						\
	{ "10.9.0.7", "for 10.9.0.7 [host down, received no-response]\n" },	\
	{ "10.9.0.8", "for 10.9.0.8 [host down, received no-response]\n" },	\
	{ "127.0.0.2", "for 127.0.0.3\n" },				\
	{ "127.0.0.3", "for 127.0.0.4\n" },				\
	{ "127.0.0.4", "for localhost (127.0.0.1)\n" },			\
	{ "127.0.0.1", "6 IP addresses (4 hosts up) scanned in 1.51 seconds\n" }, \
	{ "127.0.0.7", "1 IP address (1 host up) scanned in 0.06 seconds\n" }	\
}
#define GREPABLE_FINISHES {						\
	{ "10.9.0.7", "10.9.0.7 ()\tStatus: Down\n" },			\
	{ "10.9.0.8", "10.9.0.8 ()\tStatus: Down\n" },			\
	{ "127.0.0.2", "127.0.0.3 ()\tStatus: Up\n" },			\
	{ "127.0.0.3", "127.0.0.4 ()\tStatus: Up\n" },			\
	{ "127.0.0.4", "127.0.0.1 ()\tStatus: Up\n" },			\
	{ "127.0.0.1", "6 IP addresses (4 hosts up) scanned in 1.51 seconds\n" }, \
	{ "127.0.0.7", "1 IP address (1 host up) scanned in 0.06 seconds\n" }	\
}
#define FINISHES	7

#endif /* FOREIGN_H */
